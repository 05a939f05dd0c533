/*
 * test_types - the templates have a field of the right type for whatever dashboards and rules ask, and are sound JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "norm/ecs.h"
#include "norm/types.h"

struct search {
	const char	*path, *type;
	char		 last[200];
	size_t		 n, out_of_order;
};

static void
look(void *arg, const char *path, const char *type)
{
	struct search	*s = arg;

	if (s->path != NULL && strcmp(path, s->path) == 0)
		s->type = type;
	s->n++;
}

static const char *
type_of(const char *dataset, const char *path)
{
	struct search	 s = { .path = path };

	types_each(dataset, look, &s);
	return s.type;
}

/* A few of each list of spec/elastic-fields-needed.md, among them all that are no keyword. */
static void
what_rules_and_dashboards_ask_for_is_there(void **state)
{
	static const struct { const char *dataset, *type, *paths; } rows[] = {
		{ "o365.audit", "keyword", "data_stream.dataset event.action event.provider event.outcome event.category event.code event.kind "
		    "o365.audit.UserId o365.audit.ExtendedProperties.RequestType o365.audit.ApplicationId o365.audit.Target.Type "
		    "o365.audit.UserType source.as.organization.name source.geo.country_name o365.audit.ObjectId user.id "
		    "user_agent.original o365.audit.Actor.Type o365.audit.ExtendedProperties.ResultStatusDetail user.domain event.dataset "
		    "o365.audit.DeviceProperties.Value o365.audit.LogonError o365.audit.OperationProperties.Value "
		    "o365.audit.OperationProperties.Name o365.audit.Parameters.ForwardAsAttachmentTo o365.audit.Parameters.ForwardTo "
		    "o365.audit.Parameters.RedirectTo o365.audit.Target.ID rule.name user.name application.name file.directory "
		    "file.extension file.name o365.audit.AffectedItems.Subject o365.audit.AppAccessContext.AADSessionId "
		    "o365.audit.AuthenticationType o365.audit.AzureActiveDirectoryEventType o365.audit.ClientAppId "
		    "o365.audit.CommunicationType o365.audit.ErrorNumber o365.audit.IsManagedDevice o365.audit.LogonType "
		    "o365.audit.ModifiedProperties.AllowFederatedUsers.NewValue o365.audit.ModifiedProperties.AllowGuestUser.OldValue "
		    "o365.audit.ModifiedProperties.AllowTeamsConsumer.NewValue o365.audit.ModifiedProperties.IsPublic.NewValue "
		    "o365.audit.ModifiedProperties.Role_DisplayName.NewValue o365.audit.ModifiedProperties.ShareUsingAnonymousLinks.NewValue "
		    "o365.audit.ModifiedProperties.ShareWithGuests.OldValue o365.audit.Name o365.audit.NewValue "
		    "o365.audit.Parameters.AccessRights o365.audit.Parameters.AllowFederatedUsers o365.audit.Parameters.AllowGuestUser "
		    "o365.audit.Parameters.BlindCopyTo o365.audit.Parameters.BodyContainsWords o365.audit.Parameters.DeleteMessage "
		    "o365.audit.Parameters.Enabled o365.audit.Parameters.ForwardingAddress o365.audit.Parameters.ForwardingSmtpAddress "
		    "o365.audit.Parameters.GrantSendOnBehalfTo o365.audit.Parameters.MoveToFolder o365.audit.Parameters.RedirectMessageTo "
		    "o365.audit.Parameters.RedirectToRecipients o365.audit.Parameters.SubjectContainsWords "
		    "o365.audit.Parameters.WithinSizeRangeMinimum o365.audit.ParticipantInfo.HasForeignTenantUsers "
		    "o365.audit.ParticipantInfo.HasGuestUsers o365.audit.ParticipantInfo.HasOtherGuestUsers o365.audit.Platform "
		    "o365.audit.RecordType o365.audit.SearchQueryText o365.audit.Site o365.audit.SiteUrl related.user session.id "
		    "source.geo.region_name token.id user.email user_agent.name user_agent.os.name user_agent.version host.name" },
		{ "o365.audit", "long", "source.as.number file.size o365.audit.OperationCount event.severity" },
		{ "o365.audit", "ip", "source.ip client.ip related.ip" },
		{ "o365.audit", "date", "@timestamp event.created event.ingested" },
		{ "o365.audit", "flat", "o365.audit.Members" },
		{ "o365.audit", "geo_point", "source.geo.location" },
		{ "o365.audit", NULL, "azure.signinlogs.properties.app_id m365_defender.alert.id" },
		{ "azure.signinlogs", "keyword", "azure.signinlogs.properties.app_id azure.signinlogs.properties.user_principal_name "
		    "azure.signinlogs.properties.resource_id azure.signinlogs.properties.user_type azure.signinlogs.category "
		    "azure.signinlogs.properties.resource_display_name azure.signinlogs.properties.app_display_name "
		    "azure.signinlogs.properties.authentication_requirement azure.signinlogs.properties.authentication_protocol "
		    "azure.signinlogs.properties.incoming_token_type azure.signinlogs.properties.conditional_access_status "
		    "azure.signinlogs.properties.risk_state azure.signinlogs.properties.session_id azure.signinlogs.result_signature "
		    "azure.signinlogs.properties.device_detail.browser azure.signinlogs.properties.device_detail.operating_system "
		    "azure.signinlogs.properties.token_protection_status_details.sign_in_session_status azure.signinlogs.identity "
		    "azure.signinlogs.properties.app_owner_tenant_id azure.signinlogs.properties.client_app_used azure.tenant_id "
		    "azure.signinlogs.properties.device_detail.device_id azure.signinlogs.properties.original_transfer_method "
		    "azure.signinlogs.result_description azure.signinlogs.properties.client_credential_type "
		    "azure.signinlogs.properties.device_detail.trust_type azure.signinlogs.properties.mfa_detail.auth_method "
		    "azure.signinlogs.properties.conditional_access_audiences.application_id azure.signinlogs.operation_name "
		    "azure.signinlogs.properties.service_principal_id azure.signinlogs.properties.unique_token_identifier source.address "
		    "azure.correlation_id source.geo.city_name" },
		{ "azure.signinlogs", "long", "azure.signinlogs.properties.status.error_code" },
		{ "azure.signinlogs", "boolean", "azure.signinlogs.properties.is_interactive azure.signinlogs.properties.device_detail.is_managed" },
		{ "azure.signinlogs", "flat", "azure.signinlogs.properties.authentication_details "
		    "azure.signinlogs.properties.applied_conditional_access_policies" },
		{ "azure.auditlogs", "keyword", "azure.auditlogs.operation_name azure.auditlogs.properties.initiated_by.user.userPrincipalName "
		    "azure.auditlogs.properties.target_resources.0.modified_properties.3.new_value "
		    "azure.auditlogs.properties.additional_details.value related.entity" },
		{ "azure.identity_protection", "ip", "azure.identityprotection.properties.ip_address" },
		{ "m365_defender.incident", "flat", "m365_defender.incident.alert.additional_data "
		    "m365_defender.incident.alert.custom_details" },
		{ "m365_defender.alert", "keyword", "m365_defender.alert.severity host.id process.command_line message_id_of_no_field" },
	};
	size_t	 wrong = 0;
	char	 path[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char	*p = rows[i].paths, *got;

		for (size_t n; *p != '\0'; p += n + (p[n] == ' ')) {
			n = strcspn(p, " ");
			snprintf(path, sizeof(path), "%.*s", (int)n, p);
			if (strcmp(path, "message_id_of_no_field") == 0) {	/* the test can fail */
				assert_null(type_of(rows[i].dataset, path));
				continue;
			}
			got = type_of(rows[i].dataset, path);
			if ((got == NULL) != (rows[i].type == NULL) || (got != NULL && strcmp(got, rows[i].type) != 0)) {
				print_error("%s: %s is %s, not %s\n", rows[i].dataset, path, got != NULL ? got : "nowhere", rows[i].type);
				wrong++;
			}
		}
	}
	assert_int_equal(wrong, 0);
}

static void
count_leaves(void *arg, const char *path, const char *type)
{
	struct search	*s = arg;

	(void)type;
	s->n++;
	/* An object stands before what is in it, and everything in it follows: the writer closes each only once. */
	if (strncmp(path, s->last, strlen(s->last)) == 0 && path[strlen(s->last)] == '\0')
		s->out_of_order++;
	snprintf(s->last, sizeof(s->last), "%s", path);
}

static void
every_template_is_sound_and_far_from_the_limit(void **state)
{
	(void)state;
	for (int flavor = FLAVOR_ELASTIC; flavor <= FLAVOR_OPENSEARCH; flavor++) {
		for (size_t i = 0; i == 0 || types_dataset(i - 1) != NULL; i++) {
			const char	*dataset = types_dataset(i);	/* the last one is NULL: all */
			struct search	 s = { 0 };
			struct buf	 b = { 0 };
			struct json	 j = { 0 };

			types_each(dataset, count_leaves, &s);
			assert_true(s.n > 150 && s.n < (dataset != NULL ? 450 : 950));
			assert_int_equal(s.out_of_order, 0);
			template_fields((enum index_flavor)flavor, dataset, &b);
			assert_int_equal(json_index(&j, b.bytes, b.len, 0, JSON_DEPTH), JSON_OK);
			assert_int_equal(j.nodes[0].flags & JSON_NAMES, 0);		/* no name twice in an object */
			assert_true(json_path(&j, 0, "template.mappings.properties.event.properties.action.type") != JSON_NONE);
			assert_null(strstr(buf_str(&b), flavor == FLAVOR_ELASTIC ? "\"flat_object\"" : "\"type\":\"flattened\""));
			assert_null(strstr(buf_str(&b), "nested"));
			json_clear(&j);
			buf_clear(&b);
		}
	}
}

/* Whatever family writes has a place in its data set's template: each rest is an open object. */
static void
every_family_has_its_data_set(void **state)
{
	static const char *const roots[] = { "o365.audit", "azure.signinlogs.properties", "azure.auditlogs.properties",
		"azure.identityprotection.properties", "azure.provisioning.properties", "m365_defender.alert", "m365_defender.incident" };

	(void)state;
	for (size_t i = 0; i < n_families; i++) {
		size_t	 k = 0;

		while (types_dataset(k) != NULL && strcmp(types_dataset(k), families[i]->dataset) != 0)
			k++;
		if (types_dataset(k) == NULL)
			fail_msg("%s has no template", families[i]->dataset);
		assert_string_equal(type_of(types_dataset(k), roots[k]), "open");
	}
}

static void
mappings_are_told_apart_whatever_their_order(void **state)
{
	static const char	 a[] = "{\"dynamic\":false,\"properties\":{\"x\":{\"type\":\"ip\"},\"y\":{\"type\":\"date\"}}}",
	    b[] = "{ \"properties\": {\"y\":{\"type\":\"date\"}, \"x\":{\"type\":\"ip\"}}, \"dynamic\": false}",
	    c[] = "{\"dynamic\":false,\"properties\":{\"x\":{\"type\":\"ip\"},\"y\":{\"type\":\"long\"}}}";

	(void)state;
	assert_int_equal(template_digest(a, strlen(a)), template_digest(b, strlen(b)));
	assert_int_not_equal(template_digest(a, strlen(a)), template_digest(c, strlen(c)));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(what_rules_and_dashboards_ask_for_is_there),
		cmocka_unit_test(every_template_is_sound_and_far_from_the_limit),
		cmocka_unit_test(every_family_has_its_data_set),
		cmocka_unit_test(mappings_are_told_apart_whatever_their_order),
	};

	return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}

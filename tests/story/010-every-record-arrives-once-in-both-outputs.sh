# short
# A day of a small tenant with odd shapes and repeats: everything in both outputs, none twice.
sim --records 3000 --seed 7
conf
once
must "it ends with 0" test "$RC" = 0
must "the oracle finds everything once" complete
must "the tallies agree" tallies
once
must "a second run ends with 0" test "$RC" = 0
must "and adds nothing" complete

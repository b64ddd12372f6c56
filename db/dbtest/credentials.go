package dbtest

import "phoneacs/db"

// unproven is the standing of a phone that was issued nothing.
var unproven = db.Standing{Proof: db.ProvesNothing}

var credentialTests = []testCase{}

// Package contract is the black-box suite behind "scaffold verify": does a
// running service keep the HTTP contract?
//
// A Target says where the service is and what the suite may use (mail sink,
// log, control hook). Run plans the static table of tests, runs those whose
// needs are met, and returns a Report that the writers turn into text, JSON or
// JUnit. Every exchange is recorded, so that a failing assertion shows the
// request and response behind it and so that the checks "over the whole run"
// have something to read.
//
// Rules the tests keep to: a refusal is only believed after the same call
// without the attack was accepted (Response.Control); a test whose need is
// missing is skipped and says so; nothing passed is a failure.
package contract

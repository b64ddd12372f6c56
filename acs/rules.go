package acs

import (
	"net/http"

	"phoneacs/cwmp"
	"phoneacs/internal/proof"
)

// The rules of this package; the package comment says what each is for.
const (
	ruleMethod      = "http.method"
	ruleEncoding    = "http.encoding"
	ruleTooLarge    = "http.too_large"
	ruleSlow        = "http.slow"
	ruleBody        = "http.body"
	ruleBusy        = "http.busy"
	ruleNoSession   = "session.none"
	ruleUnasked     = "session.unasked"
	ruleStale       = "session.stale_answer"
	ruleWrongAnswer = "session.wrong_answer"
	ruleHeader      = "header.ignored"
	ruleSuperseded  = "session.superseded"
	ruleTooLong     = "session.too_long"
	ruleFull        = "session.full"
	ruleDraining    = "session.draining"
	ruleIdentity    = "inform.identity"
	ruleTooMany     = "inform.too_many"
	ruleBadValue    = "inform.bad_value"
	ruleNotListed   = "inform.not_listed"
	ruleRefused     = "inform.refused"
	ruleVersion     = "inform.version"
	rulePendingFull = "inform.pending_full"
	ruleTooOften    = "inform.too_often"
	ruleCrowded     = "inform.crowded"
	ruleUnknownRPC  = "rpc.unknown"
	ruleLate        = "http.late"
	ruleStuck       = "store.stuck"
	ruleNoSpace     = "store.no_space"
	ruleStore       = "store.failed"
	ruleNoProof     = "auth.required"
	ruleGuesses     = "auth.guesses"
	ruleHungUp      = "auth.hung_up"
)

// answer is what the breach of a rule is answered with.
type answer struct {
	status int            // of HTTP; 0: the breach is noted and nothing else
	fault  cwmp.FaultCode // with status 200
}

// answers is the table of the package comment. The rules of decoding are not
// in it: see answerTo.
var answers = map[string]answer{
	ruleMethod:      {status: http.StatusMethodNotAllowed},
	ruleEncoding:    {status: http.StatusUnsupportedMediaType},
	ruleTooLarge:    {status: http.StatusRequestEntityTooLarge},
	ruleSlow:        {status: http.StatusRequestTimeout},
	ruleBody:        {status: http.StatusBadRequest},
	ruleBusy:        {status: http.StatusServiceUnavailable},
	ruleNoSession:   {status: http.StatusBadRequest},
	ruleUnasked:     {status: http.StatusBadRequest},
	ruleStale:       {status: http.StatusBadRequest},
	ruleWrongAnswer: {},
	ruleHeader:      {},
	ruleSuperseded:  {status: http.StatusBadRequest},
	ruleTooLong:     {status: http.StatusBadRequest},
	ruleFull:        {status: http.StatusServiceUnavailable},
	ruleDraining:    {status: http.StatusServiceUnavailable},
	ruleIdentity:    {http.StatusOK, cwmp.FaultInvalidArgumentsACS},
	ruleTooMany:     {http.StatusOK, cwmp.FaultResourcesExceededACS},
	ruleBadValue:    {http.StatusOK, cwmp.FaultInvalidArgumentsACS},
	ruleNotListed:   {http.StatusOK, cwmp.FaultRequestDeniedACS},
	ruleRefused:     {http.StatusOK, cwmp.FaultRequestDeniedACS},
	ruleVersion:     {http.StatusOK, cwmp.FaultVersionIncompatible},
	ruleTooOften:    {status: http.StatusServiceUnavailable},
	rulePendingFull: {status: http.StatusServiceUnavailable},
	ruleCrowded:     {status: http.StatusServiceUnavailable},
	ruleUnknownRPC:  {http.StatusOK, cwmp.FaultMethodNotSupportedACS},
	ruleLate:        {status: http.StatusServiceUnavailable},
	ruleStuck:       {status: http.StatusServiceUnavailable},
	ruleNoSpace:     {status: http.StatusServiceUnavailable},
	ruleStore:       {status: http.StatusServiceUnavailable},

	ruleNoProof:         {status: http.StatusUnauthorized},
	ruleGuesses:         {status: http.StatusServiceUnavailable},
	ruleHungUp:          {status: http.StatusUnauthorized},
	proof.RuleHeader:    {status: http.StatusUnauthorized},
	proof.RuleScheme:    {status: http.StatusUnauthorized},
	proof.RulePassword:  {status: http.StatusUnauthorized},
	proof.RuleClear:     {status: http.StatusUnauthorized},
	proof.RuleAlgorithm: {status: http.StatusUnauthorized},
	proof.RuleQop:       {status: http.StatusUnauthorized},
	proof.RuleURI:       {status: http.StatusUnauthorized},
	proof.RuleCount:     {status: http.StatusUnauthorized},
	proof.RuleExpired:   {status: http.StatusUnauthorized},
	proof.RuleForeign:   {status: http.StatusUnauthorized},
	proof.RuleRealm:     {status: http.StatusUnauthorized},
	proof.RuleReplayed:  {status: http.StatusUnauthorized},
	proof.RuleFields:    {status: http.StatusUnauthorized},
	proof.RuleToken:     {status: http.StatusUnauthorized},
}

// answerTo returns the row of a rule; one that is not ours comes from the
// decoder and is answered 400.
func answerTo(rule string) answer {
	if a, ok := answers[rule]; ok {
		return a
	}
	return answer{status: http.StatusBadRequest}
}

// A breach is an error with its rule.
type breach struct {
	rule string
	err  error // detail for the log; may be nil
}

func (b *breach) Error() string {
	if b.err == nil {
		return b.rule
	}
	return b.rule + ": " + b.err.Error()
}

func (b *breach) Unwrap() error { return b.err }

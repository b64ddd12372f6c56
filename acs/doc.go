// Package acs is the CWMP endpoint: it answers phones, keeps their sessions and
// wakes them.
//
// It decides nothing about what a phone is to do: a [Dispatcher] says what to
// send next and judges what comes back. It keeps nothing on disk: a [Store]
// does, and whatever an answer makes a phone forget is committed before that
// answer leaves. A phone is told from others by a random cookie or, if it
// returns none, by the TCP connection that carried its Inform; never by its
// address or serial number.
//
// # Answers to what is wrong
//
// Every breach has a rule: the same token in the log, in the metric
// phoneacs_rejections_total and in tests. What is answered is one table:
//
//	rule                   answer     when
//	http.method            405        any method but POST; Allow names it
//	http.encoding          415        a Content-Encoding other than gzip, deflate or identity
//	http.too_large         413        more than 512 KiB without a session, more than MaxBody within one
//	http.slow              408        the body took longer than 30 s
//	http.body              400        the body broke off, or does not inflate
//	http.busy              503        too many large bodies at once
//	http.late              503        the answer was not ready in 25 s; what was said may yet be taken in; ends the session
//	session.none           400        a request or answer outside of a session
//	session.unasked        400        an answer, and nothing was asked; ends the session
//	session.stale_answer   400        an answer to an earlier request of ours; ends the session
//	session.wrong_answer   -          an answer of another kind: taken as no answer, the session goes on
//	header.ignored         -          a header that must be understood and is not known: passed over, the session goes on
//	session.superseded     400        a newer Inform of this phone has begun another session
//	session.too_long       400        more than 1,000 requests of the phone; ends the session
//	session.full           503        as many sessions are open as may be
//	session.draining       503        an Inform while the server is about to stop
//	inform.identity        fault 8003 no serial number, or a part of the identity above 128 bytes
//	inform.too_many        fault 8004 more than 256 events or 2,048 parameters
//	inform.bad_value       fault 8003 a value that the store cannot hold
//	inform.not_listed      fault 8001 an unknown phone where only listed ones enrol
//	inform.refused         fault 8001 an unknown phone that an enrolment rule turns away
//	inform.version         fault 8006 the phone offers versions of CWMP, and none that is spoken here
//	inform.pending_full    503        as many phones wait for approval as may
//	inform.too_often       503        more Informs than a phone, or all at its address, may send; never of one with work
//	inform.crowded         503        four Informs of the same phone wait already
//	rpc.unknown            fault 8000 a request that TR-069 does not know; the session goes on
//	store.no_space         503        the disk is full; ends the session
//	store.stuck            503        the disk does not answer, and nothing was taken in; the session stays
//	store.failed           503        the store or the dispatcher failed; ends the session
//	auth.required          401        credentials are needed and none came: no failure
//	auth.header            401        an Authorization header that cannot be read
//	auth.scheme            401        neither Digest nor Basic
//	auth.password          401        a wrong name or password; the answer is held back
//	auth.guesses           503        as many wrong answers of this address are held back as may
//	auth.hung_up           401        the phone went while its answer was held back
//	basic.clear            401        Basic without TLS
//	basic.token            401        Basic that is not base64 of name and password
//	digest.algorithm       401        not the algorithm that was offered
//	digest.count           401        nc is missing or no number
//	digest.expired         401        the nonce is older than 5 minutes: stale=true
//	digest.fields          401        name, nonce or response is missing
//	digest.foreign         401        a nonce or realm that is not ours
//	digest.qop             401        without qop, or with one that was not offered
//	digest.realm           401        the right password, for another realm than ours
//	digest.replayed        401        this count of this nonce was used before
//	digest.uri             401        for another resource
//
// A body that cannot be decoded is answered by the rule of its
// [phoneacs/cwmp.ProtocolError]: HTTP 400, or its fault code where it has one
// and no answer to a request of ours was due. Either ends the session, except
// that a fault leaves it open, as it does in TR-069 3.7.1.6.
//
// A 401 carries one challenge and keeps the connection, on which phones answer.
// A message that breaks a rule by what is in it is kept for the operator to
// read, and so are sessions ([phoneacs/internal/record]); no phone waits for it.
//
// An empty POST without a session is answered 204: phones send more of them
// than the standard asks for. One that is the first on its connection, and has
// no credentials, is challenged: some agents open with it. 503 always carries Retry-After.
package acs

package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxRaw bounds what a raw RPC carries, in bytes.
const maxRaw = 32 << 10

// raw sends an RPC just as an expert wrote it, and keeps what the phone
// answered. The answer is the proof that it was taken, of nothing more. It is
// not repeated by itself: what it does is not known.
type raw struct {
	byAnswer
	exclusive, passes bool
	restarts          bool
}

func newRaw() raw { return raw{byAnswer: byAnswer{rpc: "RPC"}} }

// restarts are the RPCs that transfer or restart, and so go one at a time.
var restarts = []string{"Download", "Upload", "ScheduleDownload", "ChangeDUState", "Reboot", "FactoryReset"}

// of returns the kind for one call: a transfer or restart goes alone; what asks,
// and what takes a transfer back, goes past one. A vendor's RPC may restart the
// phone, for all that is known of it.
func (k raw) of(a *db.Args) kind {
	if a.Raw == nil {
		return k
	}
	k.rpc = clip(a.Raw.RPC)
	k.exclusive = slices.Contains(restarts, a.Raw.RPC)
	k.restarts = a.Raw.RPC != "Upload" && k.exclusive || !cwmp.IsRequest(a.Raw.RPC)
	k.passes = strings.HasPrefix(a.Raw.RPC, "Get") || a.Raw.RPC == "CancelTransfer"
	return k
}

func (k raw) traits() traits {
	return traits{takes: "raw", exclusive: k.exclusive, changes: true, passes: k.passes, restarts: k.restarts}
}

func (raw) call(a *db.Args) string {
	if a.Raw == nil || a.Raw.RPC == "GetRPCMethods" {
		return ""
	}
	return a.Raw.RPC
}

func (raw) check(a db.Args, _ *db.File) error {
	switch c := a.Raw; {
	case c == nil:
		return badArg("raw", "is missing")
	case len(c.Args)+len(c.XML) > maxRaw:
		return badArg("raw", "has more than %d bytes", maxRaw)
	case cwmp.IsRequest(c.RPC) && c.XML != "":
		return badArg("raw.xml", "is for the RPCs of vendors; %s takes args", c.RPC)
	case cwmp.IsRequest(c.RPC):
		return rawError(tryEncode(rawMessage(c, "")))
	case !vendorRPC(c.RPC):
		return badArg("raw.rpc", "%q is neither a vendor's RPC, X_…, nor one of %s", clip(c.RPC), strings.Join(cwmp.Requests(), ", "))
	case len(c.Args) > 0:
		return badArg("raw.args", "is for the RPCs of the standard; %s takes xml", clip(c.RPC))
	case c.XML == "":
		return badArg("raw.xml", "is missing: the element of the RPC, as in <cwmp:%s/>", clip(c.RPC))
	}
	return rawError(tryEncode(rawMessage(a.Raw, "")))
}

// vendorRPC reports whether a name can be that of a vendor's RPC.
func vendorRPC(name string) bool {
	return strings.HasPrefix(name, "X_") && len(name) > 2 && len(name) <= db.MaxMethodText &&
		!strings.ContainsFunc(name, func(r rune) bool {
			return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) && !strings.HasSuffix(name, "Response")
}

// rawMessage builds the RPC. A CommandKey that the caller left empty is ours.
func rawMessage(c *db.RawCall, key string) (cwmp.Message, error) {
	if !cwmp.IsRequest(c.RPC) {
		return &cwmp.Unknown{Name: c.RPC, Raw: []byte(c.XML)}, nil
	}
	m, err := cwmp.FromJSON(c.RPC, c.Args)
	if err != nil || key == "" {
		return m, err
	}
	switch m := m.(type) {
	case *cwmp.Download:
		giveKey(&m.CommandKey, key)
	case *cwmp.ScheduleDownload:
		giveKey(&m.CommandKey, key)
	case *cwmp.Upload:
		giveKey(&m.CommandKey, key)
	case *cwmp.Reboot:
		giveKey(&m.CommandKey, key)
	case *cwmp.ScheduleInform:
		giveKey(&m.CommandKey, key)
	case *cwmp.ChangeDUState:
		giveKey(&m.CommandKey, key)
	}
	return m, nil
}

func giveKey(at *string, key string) {
	if *at == "" {
		*at = key
	}
}

// tryEncode says what keeps a message from being sent.
func tryEncode(m cwmp.Message, err error) error {
	if err != nil {
		return err
	}
	env := cwmp.Envelope{ID: "1", Body: m}
	_, err = env.Encode()
	return err
}

// rawError names the argument that is wrong.
func rawError(err error) error {
	var fe *cwmp.FieldError
	if !errors.As(err, &fe) {
		return err
	}
	if fe.Field == "Unknown.Raw" {
		return badArg("raw.xml", "%w", fe.Err)
	}
	_, member, _ := strings.Cut(fe.Field, ".")
	if member == "" {
		return badArg("raw.args", "%s: %w", fe.Field, fe.Err)
	}
	return badArg("raw.args."+member, "%w", fe.Err)
}

func (raw) request(f facts, key, _ string) cwmp.Message {
	m, err := rawMessage(f.job.Args.Raw, key)
	if err != nil { // never: it was checked when it was ordered
		return &cwmp.Unknown{Name: f.job.Args.Raw.RPC}
	}
	return m
}

func (k raw) answered(f facts, answer cwmp.Message) ruling {
	if answer.RPC() != f.job.Args.Raw.RPC+"Response" {
		return unexpected(answer)
	}
	r := proven("the phone answered with "+clip(answer.RPC()), "the phone answered with "+clip(answer.RPC()))
	r.result = resultOf(f, answer)
	r.evidence = append(r.evidence, fmt.Sprintf("its answer of %d bytes is kept as the result", r.result.Size))
	if s, ok := laterStatus(answer); ok {
		r.evidence = append(r.evidence, fmt.Sprintf("it came with Status %d; what became of it is not followed", s))
	}
	return r
}

func laterStatus(answer cwmp.Message) (int, bool) {
	switch m := answer.(type) {
	case *cwmp.DownloadResponse:
		return m.Status, true
	case *cwmp.UploadResponse:
		return m.Status, true
	case *cwmp.SetParameterValuesResponse:
		return m.Status, true
	}
	return 0, false
}

func (k raw) refused(f facts, m *cwmp.Fault) ruling {
	hush := hushing(secretsOf(f.job.Args.Raw))
	said := *m
	said.String = hush.Replace(m.String)
	said.Parameters = slices.Clone(m.Parameters)
	for i := range said.Parameters {
		said.Parameters[i].String = hush.Replace(said.Parameters[i].String)
	}
	r := faulted(said.Code, said.String)
	if m.Code >= 9000 {
		r.result = resultOf(f, &said)
	}
	return r
}

// secretsOf are the secrets in what was ordered.
func secretsOf(c *db.RawCall) []string {
	_, args := db.MaskJSON(c.Args)
	_, xml := cwmp.MaskXML(c.XML, db.SecretName)
	return append(args, xml...)
}

// resultOf puts an answer in the form in which it is kept: without secrets,
// those that were ordered and those that the phone tells, and not too long.
func resultOf(f facts, answer cwmp.Message) *db.Result {
	res := &db.Result{Attempt: f.attempt.N, Time: f.now, RPC: clip(answer.RPC())}
	text := ""
	if u, ok := answer.(*cwmp.Unknown); ok {
		text, _ = cwmp.MaskXML(string(u.Raw), db.SecretName)
	} else if b, err := cwmp.ToJSON(answer); err == nil {
		masked, _ := db.MaskJSON(b)
		if res.Size = len(masked); res.Size <= db.MaxResult && f.job.Args.Raw != nil && len(secretsOf(f.job.Args.Raw)) == 0 {
			res.Answer = masked
			return res
		}
		text = string(masked)
	} else {
		text = "it cannot be written: " + clip(err.Error())
	}
	if f.job.Args.Raw != nil {
		text = hushing(secretsOf(f.job.Args.Raw)).Replace(text)
	}
	res.Size = len(text)
	if json.Valid([]byte(text)) && len(text) <= db.MaxResult {
		res.Answer = json.RawMessage(text)
		return res
	}
	const room = db.MaxResult / 2 // quoting may double what is not plain, and more
	for n := min(len(text), db.MaxResult); ; n = min(n-1, room) / 2 {
		quoted, err := json.Marshal(strings.ToValidUTF8(text[:n], ""))
		if err == nil && len(quoted) <= db.MaxResult {
			res.Answer, res.Cut = quoted, n < len(text)
			return res
		}
	}
}

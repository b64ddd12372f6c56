package jobs

import (
	"fmt"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxNames is how many names and paths one order asks for.
const maxNames = 64

// reads is what the kinds that read have in common: get-parameters (TR-069
// A.3.2.2), get-attributes (A.3.2.5) and get-names (A.3.2.3). What the phone
// tells is kept as reported by it, but for the values of secrets. The answers
// are the proof, also if they hold less than was asked for: the evidence says
// what was left out.
type reads struct {
	byAnswer
	mode  readMode
	thing string // what is read, as in "3 values"
}

func (reads) traits() traits { return traits{takes: "names", repeats: true} }

func (reads) check(a db.Args, _ *db.File) error {
	if len(a.Names) == 0 || len(a.Names) > maxNames {
		return badArg("names", "%d names; want 1 to %d", len(a.Names), maxNames)
	}
	for i, name := range a.Names {
		if name == "" {
			continue // the whole tree
		}
		err := checkName(name)
		if strings.HasSuffix(name, ".") {
			_, err = checkObject(name)
		}
		if err != nil {
			return badArg(fmt.Sprintf("names[%d]", i), "%q %w", clip(name), err)
		}
	}
	return nil
}

func (k reads) plan(f facts) *reading { return newReading(k.mode, f.job.Args.Names) }

// request is not asked: the first RPC is the reading's, as all that follow.
func (reads) request(facts, string, string) cwmp.Message { return nil }

func (k reads) answered(f facts, answer cwmp.Message) ruling {
	if f.reading == nil {
		return unexpected(answer)
	}
	values, traits, ok := f.reading.took(answer)
	if !ok {
		return unexpected(answer)
	}
	r := k.ruling(f.reading)
	r.values, r.traits = values, traits
	return r
}

func (k reads) refused(f facts, m *cwmp.Fault) ruling {
	if f.reading == nil || m.Code < 9000 {
		return faulted(m.Code, m.String)
	}
	f.reading.refused(m.Code, m.String)
	return k.ruling(f.reading)
}

// ruling judges a reading by how far it has come.
func (k reads) ruling(rd *reading) ruling {
	if !rd.done() {
		return accepted(fmt.Sprintf("the phone has told %s, and has more to tell", counted(rd.told, k.thing)),
			"too much, or not all known, at once: asked for in parts")
	}
	var evidence []string
	if rd.masked > 0 {
		evidence = append(evidence, counted(rd.masked, "secret")+" among them, without the value")
	}
	if rd.leftCount > 0 {
		evidence = append(evidence, "the phone left out "+missing(rd))
	}
	if rd.gone > 0 {
		evidence = append(evidence, counted(rd.gone, "name")+" had gone before they could be asked for")
	}
	read := counted(rd.told, k.thing) + " read"
	if rd.steps > 1 {
		read += fmt.Sprintf(", in %d requests", rd.steps)
	}
	evidence = append([]string{read}, evidence...)
	switch {
	case rd.cut != "":
		return ruling{
			event: db.EventRefute, cause: db.CauseUnfinished, evidence: evidence,
			why: fmt.Sprintf("the phone told %s, and there is more: %s; ask for a part of it", counted(rd.told, k.thing), rd.cut),
		}
	case rd.stopped, rd.told == 0 && rd.fault != 0:
		r := faulted(rd.fault, rd.text)
		r.evidence = evidence
		return r
	}
	return proven("the phone told "+counted(rd.told, k.thing), evidence...)
}

// missing names what was asked for by its name and not told.
func missing(rd *reading) string {
	if rd.leftCount <= len(rd.left) {
		return enumerate(rd.left)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(rd.left[:maxListed], ", "), rd.leftCount-maxListed)
}

func newGetParameters() reads {
	return reads{byAnswer{rpc: "GetParameterValues"}, readValues, "value"}
}

func newGetAttributes() reads {
	return reads{byAnswer{rpc: "GetParameterAttributes"}, readAttributes, "attribute"}
}

func newGetNames() reads { return reads{byAnswer{rpc: "GetParameterNames"}, readNames, "name"} }

package jobs

import (
	"fmt"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxNames is how many names and paths one order asks for.
const maxNames = 64

// getParameters reads parameters (TR-069 A.3.2.2). What the phone tells is kept
// as reported by it, but for the values of secrets. The answer is the proof,
// also one that holds less than was asked for: the evidence says what it left
// out.
type getParameters struct{ byAnswer }

func newGetParameters() getParameters { return getParameters{byAnswer{rpc: "GetParameterValues"}} }

func (getParameters) traits() traits { return traits{takes: "names", repeats: true} }

func (getParameters) check(a db.Args, _ *db.File) error {
	if len(a.Names) == 0 || len(a.Names) > maxNames {
		return badArg("names", "%d names; want 1 to %d", len(a.Names), maxNames)
	}
	for i, name := range a.Names {
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

func (getParameters) request(f facts, _, _ string) cwmp.Message {
	return &cwmp.GetParameterValues{Names: f.job.Args.Names}
}

func (getParameters) answered(f facts, answer cwmp.Message) ruling {
	m, ok := answer.(*cwmp.GetParameterValuesResponse)
	if !ok {
		return unexpected(answer)
	}
	values := told(m.Parameters)
	r := proven("the phone told "+counted(len(values), "value"), counted(len(values), "value")+" read")
	r.values = values
	names := make(map[string]bool, len(values))
	masked := 0
	for i := range values {
		names[values[i].Name] = true
		if values[i].Type == db.TypeMasked {
			masked++
		}
	}
	if masked > 0 {
		r.evidence = append(r.evidence, counted(masked, "secret")+" among them, without the value")
	}
	var missing []string
	for _, name := range f.job.Args.Names {
		if !strings.HasSuffix(name, ".") && !names[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		r.evidence = append(r.evidence, fmt.Sprintf("the phone left out %s", enumerate(missing)))
	}
	return r
}

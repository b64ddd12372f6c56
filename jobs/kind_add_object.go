package jobs

import (
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// addObject makes a new instance of an object (TR-069 A.3.2.6). The response is
// the proof, and says the number of the instance. It is not repeated by itself:
// twice would be two instances.
type addObject struct{ byAnswer }

func newAddObject() addObject { return addObject{byAnswer{rpc: "AddObject"}} }

func (addObject) traits() traits { return traits{takes: "object", changes: true} }

func (addObject) check(a db.Args, _ *db.File) error {
	last, err := checkObject(a.Object)
	switch {
	case err != nil:
		return badArg("object", "%q %w", clip(a.Object), err)
	case instance(last):
		return badArg("object", "%q is an instance; an instance is added to the object above it", a.Object)
	}
	return nil
}

func (addObject) request(f facts, key, _ string) cwmp.Message {
	return &cwmp.AddObject{ObjectName: f.job.Args.Object, ParameterKey: key}
}

func (addObject) answered(f facts, answer cwmp.Message) ruling {
	m, ok := answer.(*cwmp.AddObjectResponse)
	if !ok {
		return unexpected(answer)
	}
	made := fmt.Sprintf("instance %s%d.", f.job.Args.Object, m.InstanceNumber)
	if m.InstanceNumber == 0 {
		made = "an instance of " + f.job.Args.Object + " whose number it did not tell"
	}
	if m.Status != 0 {
		return proven("the phone accepted to make "+made, "accepted: AddObjectResponse came with Status 1 for "+made)
	}
	return proven("the phone has made "+made, "AddObjectResponse came with Status 0 for "+made)
}

package jobs

import (
	"phoneacs/cwmp"
	"phoneacs/db"
)

// deleteObject removes an instance of an object (TR-069 A.3.2.7). The response
// is the proof. It is not repeated by itself: by then the number may be that of
// another instance.
type deleteObject struct{ byAnswer }

func newDeleteObject() deleteObject { return deleteObject{byAnswer{rpc: "DeleteObject"}} }

func (deleteObject) traits() traits { return traits{takes: "object", changes: true} }

func (deleteObject) check(a db.Args, _ *db.File) error {
	last, err := checkObject(a.Object)
	switch {
	case err != nil:
		return badArg("object", "%q %w", clip(a.Object), err)
	case !instance(last):
		return badArg("object", "%q is no instance, which ends in its number, as in %s1.", a.Object, a.Object)
	}
	return nil
}

func (deleteObject) request(f facts, key, _ string) cwmp.Message {
	return &cwmp.DeleteObject{ObjectName: f.job.Args.Object, ParameterKey: key}
}

func (deleteObject) answered(f facts, answer cwmp.Message) ruling {
	m, ok := answer.(*cwmp.DeleteObjectResponse)
	if !ok {
		return unexpected(answer)
	}
	if m.Status != 0 {
		return proven("the phone accepted to remove "+f.job.Args.Object, "accepted: DeleteObjectResponse came with Status 1")
	}
	return proven("the phone has removed "+f.job.Args.Object, "DeleteObjectResponse came with Status 0")
}

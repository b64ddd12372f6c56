package admin

import (
	"fmt"

	"phoneacs/db"
)

// newArgs are the arguments of an order. Which of them its kind takes, and what
// they may be, is for Orders to say.
type newArgs struct {
	File       *string      `json:"file"`
	Parameters []newSetting `json:"parameters"`
	Names      []string     `json:"names"`
	Delay      *string      `json:"delay"`
	Object     *string      `json:"object"`

	Attributes []newAttribute `json:"attributes"`
	Raw        *newRaw        `json:"raw"`
	Upload     *newUpload     `json:"upload"`
	Reboot     bool           `json:"reboot"`
}

type newUpload struct {
	Kind     string `json:"kind"`
	Instance *int   `json:"instance"`
}

type newSetting struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Value *string `json:"value"`
}

func (in *newArgs) read() (a db.Args, err error) {
	if in.File != nil {
		a.File, err = db.ParseFileID(*in.File)
		if err != nil || a.File == 0 {
			return a, invalid("args.file", "want a file's id, as in f3")
		}
	}
	if in.Parameters != nil {
		a.Parameters = make([]db.Setting, len(in.Parameters))
	}
	for i, p := range in.Parameters {
		if p.Value == nil {
			return a, invalid(fmt.Sprintf("args.parameters[%d].value", i), "is missing; nothing is written as %q", "")
		}
		a.Parameters[i] = db.Setting{Name: p.Name, Type: p.Type, Value: *p.Value}
	}
	a.Names, a.Reboot = in.Names, in.Reboot
	if in.Delay != nil {
		if a.Delay, err = parseDuration(*in.Delay); err != nil || a.Delay == 0 {
			return a, invalid("args.delay", "%v, and not 0", errDuration)
		}
	}
	if in.Object != nil {
		if a.Object = *in.Object; a.Object == "" {
			return a, invalid("args.object", "is empty")
		}
	}
	a.Attributes = readAttributes(in.Attributes)
	if in.Raw != nil {
		a.Raw = in.Raw.read()
	}
	if in.Upload != nil {
		a.Upload = &db.UploadArg{Kind: in.Upload.Kind}
		if n := in.Upload.Instance; n != nil {
			if a.Upload.Instance = *n; *n < 1 {
				return a, invalid("args.upload.instance", "want a number from 1 on, or leave it out")
			}
		}
	}
	return a, nil
}

// argsView are the arguments of a job as version 1 shows them.
type argsView struct {
	File       db.FileID     `json:"file,omitempty"`
	Parameters []settingView `json:"parameters,omitempty"`
	Names      []string      `json:"names,omitempty"`
	Delay      string        `json:"delay,omitempty"`
	Object     string        `json:"object,omitempty"`

	Attributes []db.Attribute `json:"attributes,omitempty"`
	Raw        *db.RawCall    `json:"raw,omitempty"` // without secrets
	Upload     *db.UploadArg  `json:"upload,omitempty"`
	Reboot     bool           `json:"reboot,omitempty"`
}

type settingView struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"` // "" for a secret
}

func viewArgs(a *db.Args) argsView {
	v := argsView{File: a.File, Names: a.Names, Object: a.Object, Attributes: a.Attributes, Upload: a.Upload, Reboot: a.Reboot}
	if a.Raw != nil {
		v.Raw = maskRaw(a.Raw)
	}
	if a.Delay != 0 {
		v.Delay = formatDuration(a.Delay)
	}
	for _, p := range a.Parameters {
		s := settingView{Name: p.Name, Type: p.Type, Value: p.Value}
		if s.Type == "" {
			s.Type = "string"
		}
		if db.SecretName(p.Name) {
			s.Value = ""
		}
		v.Parameters = append(v.Parameters, s)
	}
	return v
}

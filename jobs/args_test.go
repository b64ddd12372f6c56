package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

func TestArgsRefused(t *testing.T) {
	r := newRig(t)
	r.inform("1", "2.4")
	many := make([]db.Setting, 257)
	for i := range many {
		many[i] = db.Setting{Name: fmt.Sprint("Device.P", i)}
	}
	long := strings.Repeat("x", 257)
	set := func(p ...db.Setting) db.Args { return db.Args{Parameters: p} }
	get := func(names ...string) db.Args { return db.Args{Names: names} }
	for _, tt := range []struct {
		name, kind  string
		args        db.Args
		field, text string
	}{
		{"reset with names", db.KindFactoryReset, get(ntp), "args.names", "takes no names"},
		{"set with delay", db.KindSetParameters, db.Args{Parameters: many[:1], Delay: 1}, "args.delay", "takes no delay"},
		{"get with object", db.KindGetParameters, db.Args{Names: []string{ntp}, Object: "Device."}, "args.object", "takes no object"},
		{"reboot with an empty list", db.KindReboot, db.Args{Parameters: []db.Setting{}}, "args.parameters", "takes no parameters"},

		{"set nothing", db.KindSetParameters, db.Args{}, "args.parameters", "want 1 to 256"},
		{"set too many", db.KindSetParameters, set(many...), "args.parameters", "257 parameters"},
		{"set too much", db.KindSetParameters, set(db.Setting{Name: ntp, Value: strings.Repeat("x", 64<<10+1)}), "args.parameters", "65536 bytes"},
		{"set a path", db.KindSetParameters, set(db.Setting{Name: "Device.Time."}), "args.parameters[0].name", "is no name"},
		{"set no name", db.KindSetParameters, set(db.Setting{}), "args.parameters[0].name", "is no name"},
		{"set a name with a blank", db.KindSetParameters, set(db.Setting{Name: "Device. Time"}), "args.parameters[0].name", "is no name"},
		{"set a long name", db.KindSetParameters, set(db.Setting{Name: long}), "args.parameters[0].name", "at most 256"},
		{"set twice", db.KindSetParameters, set(db.Setting{Name: ntp}, db.Setting{Name: ntp}), "args.parameters[1].name", "given twice"},
		{"set a type of none", db.KindSetParameters, set(db.Setting{Name: ntp, Type: "text"}), "args.parameters[0].type", `"text" is no type`},
		{"set no boolean", db.KindSetParameters, set(db.Setting{Name: enable, Type: "boolean", Value: "yes"}), "args.parameters[0].value", "is no boolean"},
		{"set no number", db.KindSetParameters, set(db.Setting{Name: enable, Type: "int", Value: "1.5"}), "args.parameters[0].value", "is no int"},
		{"set less than nothing", db.KindSetParameters, set(db.Setting{Name: enable, Type: "unsignedInt", Value: "-1"}), "args.parameters[0].value", "is no unsignedInt"},
		{"set a control character", db.KindSetParameters, set(db.Setting{Name: ntp, Value: "\x01"}), "args.parameters[0].value", "not allowed in XML"},
		{"set half a character", db.KindSetParameters, set(db.Setting{Name: ntp, Value: "\xff"}), "args.parameters[0].value", "not UTF-8"},

		{"get nothing", db.KindGetParameters, db.Args{}, "args.names", "want 1 to 64"},
		{"get too many", db.KindGetParameters, get(make([]string, 65)...), "args.names", "65 names"},
		{"get a dot", db.KindGetParameters, get("."), "args.names[0]", "is no name"},
		{"get a long path", db.KindGetParameters, get(long[:256] + "."), "args.names[0]", "more than 256"},

		{"no delay", db.KindScheduleInform, db.Args{}, "args.delay", "not within 1s and 24h"},
		{"part of a second", db.KindScheduleInform, db.Args{Delay: 1500 * time.Millisecond}, "args.delay", "whole number of seconds"},
		{"too long a delay", db.KindScheduleInform, db.Args{Delay: 25 * time.Hour}, "args.delay", "not within"},

		{"add without dot", db.KindAddObject, db.Args{Object: "Device.Phonebook"}, "args.object", "ends in a dot"},
		{"add an instance", db.KindAddObject, db.Args{Object: table + "1."}, "args.object", "is an instance"},
		{"add nothing", db.KindAddObject, db.Args{}, "args.object", "ends in a dot"},
		{"delete a table", db.KindDeleteObject, db.Args{Object: table}, "args.object", "is no instance"},
		{"delete without dot", db.KindDeleteObject, db.Args{Object: table + "1"}, "args.object", "ends in a dot"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
				Kind: tt.kind, Args: tt.args, Selection: db.Selection{All: true}, When: db.When{Now: true},
			}})
			wantField(t, err, tt.field, tt.text)
		})
	}
}

// TestSecretNotRepeated holds that a refusal does not say the value.
func TestSecretNotRepeated(t *testing.T) {
	r := newRig(t)
	for _, p := range []db.Setting{{Name: password, Value: "hunter2\x01"}, {Name: password, Type: "int", Value: "hunter2"}} {
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{
			Kind: db.KindSetParameters, Args: db.Args{Parameters: []db.Setting{p}}, Selection: db.Selection{All: true}, When: db.When{Now: true},
		}})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error = %v", err)
		}
	}
}

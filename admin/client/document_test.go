package client

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/schemas"
)

// left are operations of the document without a method here, each with its reason.
var left = map[string]string{}

// A document is the part of the OpenAPI document that is looked at.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]schema
	}
}

type schema struct {
	Properties map[string]json.RawMessage
}

func load(t *testing.T) (d document) {
	t.Helper()
	src, err := schemas.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(src, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOperations holds the table to the document, in both directions.
func TestOperations(t *testing.T) {
	documented := map[string]operation{}
	for path, item := range load(t).Paths {
		for method, raw := range item {
			var op struct{ OperationID string }
			if method == "parameters" {
				continue
			}
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatal(err)
			}
			documented[op.OperationID] = operation{strings.ToUpper(method), path}
		}
	}
	for id, why := range left {
		if _, ok := documented[id]; !ok || why == "" {
			t.Errorf("%s is left out without need or reason", id)
		}
		delete(documented, id)
	}
	if diff := cmp.Diff(documented, operations, cmp.AllowUnexported(operation{})); diff != "" {
		t.Errorf("operations (-document +client)\n%s", diff)
	}
}

// types are the Go types of schemas, by their names in the document.
var types = map[string]any{
	"Phone": Phone{}, "PhonePatch": PhonePatch{}, "Parameter": Parameter{}, "Change": Change{}, "Upload": Upload{}, "Methods": Methods{},
	"Job": Job{}, "NewJob": NewJob{}, "Args": Args{}, "Setting": Setting{}, "NewAttribute": NewAttribute{}, "RawCall": RawCall{},
	"When": When{}, "Retry": Retry{}, "Counts": Counts{}, "Selection": Selection{}, "Task": Task{}, "TaskWindow": TaskWindow{}, "Attempt": Attempt{},
	"Fetch": Fetch{}, "Evidence": Evidence{}, "TaskResult": TaskResult{}, "File": File{}, "Hold": Hold{}, "HeldTasks": HeldTasks{}, "Site": Site{},
	"EnrolmentRule": EnrolmentRule{}, "NewEnrolmentRule": NewEnrolmentRule{}, "StandingOrder": StandingOrder{},
	"NewStandingOrder": NewStandingOrder{}, "QuirkEntry": QuirkEntry{}, "QuirkEffect": QuirkEffect{}, "Recording": Recording{},
	"RecordedMessage": RecordedMessage{}, "Unreadable": Unreadable{}, "Event": Event{}, "Problem": Problem{}, "ImportResult": ImportResult{},
	"RecurringJob": RecurringJob{}, "NewRecurringJob": NewRecurringJob{}, "Work": Work{},
	"Busy": Busy{}, "LineWait": LineWait{}, "Handover": Handover{}, "Recall": Recall{}, "Token": Token{}, "AuditEntry": AuditEntry{}, "Backup": Backup{},
	"SitePatch": SitePatch{}, "Window": Window{}, "NewWindow": NewWindow{}, "WeeklySpan": WeeklySpan{}, "FlexibleSpan": FlexibleSpan{},
	"BlackOut": BlackOut{}, "WindowSlot": WindowSlot{}, "WindowSlots": WindowSlots{}, "WindowPreview": WindowPreview{},
	"WindowLoad": WindowLoad{}, "WindowPlace": WindowPlace{}, "WindowReason": WindowReason{}, "OddPhone": OddPhone{},
	"ImportFate": ImportFate{}, "ImportEnd": ImportEnd{},
}

// untyped are schemas with members that have no type here, each with its reason.
var untyped = map[string]string{
	"NewSite":  "Site without its id",
	"QuirkSet": "a map: switches are added with each odd phone",
}

// TestTypes: every member of a schema has its field, and no field is made up.
func TestTypes(t *testing.T) {
	documented := load(t).Components.Schemas
	for name, s := range documented {
		if types[name] == nil && len(s.Properties) > 0 && untyped[name] == "" {
			t.Errorf("schema %s has no type", name)
		}
	}
	for name, v := range types {
		want := slices.Sorted(maps.Keys(documented[name].Properties))
		got := slices.Sorted(slices.Values(members(reflect.TypeOf(v))))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-document +client)\n%s", name, diff)
		}
	}
}

func members(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		if f.Anonymous {
			names = append(names, members(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

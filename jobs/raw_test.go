package jobs_test

import (
	"fmt"
	"strings"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

func rawOf(rpc, args, xml string) db.Job {
	return db.Job{Kind: db.KindRaw, Args: db.Args{Raw: &db.RawCall{RPC: rpc, Args: []byte(args), XML: xml}}}
}

func TestRaw(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(rawOf("GetOptions", `{"OptionName":""}`, ""), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.GetOptions](s)
	s.answer(id, &cwmp.GetOptionsResponse{Options: []cwmp.Option{{Name: "a", StartDate: "x"}}})
	r.evidence(r.task(job, phone, db.TaskSucceeded), "kept as the result")
	res, err := r.store.Result(t.Context(), id.Task)
	r.must(err)
	if res.RPC != "GetOptionsResponse" || !strings.Contains(string(res.Answer), `"OptionName":"a"`) || res.Attempt != 1 {
		t.Errorf("kept %+v: %s", res, res.Answer)
	}
}

// TestRawIsNotRepeated holds that what was lost is not sent again, and that a
// hold stops it.
func TestRawIsNotRepeated(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(rawOf("Reboot", `{}`, ""), phone)
	r.must(r.store.SetHold(t.Context(), db.Hold{Phone: phone.Phone.ID, By: "ann", Since: r.clock.Now()}))
	r.inform("1", "2.4").nothing()
	r.must(r.store.ClearHold(t.Context(), 0, phone.Phone.ID))
	m, id := given[*cwmp.Reboot](r.inform("1", "2.4"))
	if key, _ := id.CommandKey(r.store.StoreTag()); m.CommandKey != key {
		t.Errorf("sent with key %q; want ours", m.CommandKey)
	}
	r.inform("1", "2.4").nothing()
	r.says("task", r.task(job, phone, db.TaskFailed).Why, "not repeated by itself")
}

// TestRawPasses holds that questions and CancelTransfer go past an open
// transfer, and nothing else raw does.
func TestRawPasses(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	phone.answersMethods(methodsOf("Reboot", "GetAllQueuedTransfers", "CancelTransfer", "SetVouchers"))
	r.order(db.Job{Kind: db.KindReboot}, phone)
	r.inform("1", "2.4").reboot()
	r.order(rawOf("SetVouchers", `{"VoucherList":["QQ=="]}`, ""), phone)
	r.inform("1", "2.4").nothing()
	r.order(rawOf("GetAllQueuedTransfers", ``, ""), phone)
	r.order(rawOf("CancelTransfer", `{"CommandKey":"k"}`, ""), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.GetAllQueuedTransfers](s)
	s.answer(id, &cwmp.GetAllQueuedTransfersResponse{})
	_, id = given[*cwmp.CancelTransfer](s)
	s.answer(id, &cwmp.Fault{Code: 9021})
	s.nothing()
}

// TestRawVendor sends a vendor's RPC as it was written and keeps its answer,
// without the secrets of either.
func TestRawVendor(t *testing.T) {
	const secret = "correct-horse-battery"
	r := newRig(t)
	phone := r.inform("1", "2.4")
	job := r.order(rawOf("X_FANVIL_Set", "", `<x:X_FANVIL_Set xmlns:x="urn:x"><Password>`+secret+`</Password></x:X_FANVIL_Set>`), phone)
	s := r.inform("1", "2.4")
	m, id := given[*cwmp.Unknown](s)
	if m.Name != "X_FANVIL_Set" || !strings.Contains(string(m.Raw), secret) {
		t.Errorf("sent %s", m.Raw)
	}
	s.answer(id, &cwmp.Unknown{Name: "X_FANVIL_SetResponse", Raw: []byte(`<r><Secret>other</Secret><Said>` + secret + `</Said><Ok>1</Ok></r>`)})
	task := r.task(job, phone, db.TaskSucceeded)
	res, err := r.store.Result(t.Context(), id.Task)
	r.must(err)
	if said := string(res.Answer) + fmt.Sprint(task); strings.Contains(said, secret) || strings.Contains(said, "other") || !strings.Contains(string(res.Answer), "Ok") {
		t.Errorf("kept %s", said)
	}
}

// TestRawResultIsBounded holds that a long answer is cut.
func TestRawResultIsBounded(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	r.order(rawOf("GetParameterValues", `{"ParameterNames":["Device."]}`, ""), phone)
	s := r.inform("1", "2.4")
	_, id := given[*cwmp.GetParameterValues](s)
	m := &cwmp.GetParameterValuesResponse{}
	for i := range 3000 {
		m.Parameters = append(m.Parameters, cwmp.ParameterValue{Name: fmt.Sprintf("Device.%d", i), Value: strings.Repeat("\"", 20)})
	}
	s.answer(id, m)
	res, err := r.store.Result(t.Context(), id.Task)
	r.must(err)
	if !res.Cut || len(res.Answer) > db.MaxResult || len(res.Answer) < 8<<10 || res.Size < 3000*20 || res.Answer[0] != '"' {
		t.Errorf("cut %v: kept %d of %d", res.Cut, len(res.Answer), res.Size)
	}
}

func TestRawRefused(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct{ rpc, args, xml, field, why string }{
		{"Inform", "", "", "args.raw.rpc", "neither a vendor's RPC"},
		{"X_", "", "<X_/>", "args.raw.rpc", "neither"},
		{"X_a b", "", "<X_/>", "args.raw.rpc", "neither"},
		{"X_VResponse", "", "<X_VResponse/>", "args.raw.rpc", "neither"},
		{"Reboot", "", "<Reboot/>", "args.raw.xml", "takes args"},
		{"Reboot", `{"Key":"k"}`, "", "args.raw.args.Key", "no such argument"},
		{"Reboot", `{`, "", "args.raw.args", "not closed"},
		{"X_V", `{"a":"b"}`, "<X_V/>", "args.raw.args", "takes xml"},
		{"X_V", "", "", "args.raw.xml", "is missing"},
		{"X_V", "", "<X_V>", "args.raw.xml", "bad value"},
		{"X_V", "", "<X_W/>", "args.raw.xml", "bad value"},
		{"X_V", "", `<!DOCTYPE a [<!ENTITY b "c">]><X_V/>`, "args.raw.xml", "bad value"},
		{"X_V", "", "<X_V>" + strings.Repeat("<a>", 80) + strings.Repeat("</a>", 80) + "</X_V>", "args.raw.xml", "bad value"},
		{"X_V", "", "<X_V>" + strings.Repeat("a", 33<<10) + "</X_V>", "args.raw", "more than 32768 bytes"},
	} {
		j := rawOf(tt.rpc, tt.args, tt.xml)
		j.When.Now, j.Selection.All = true, true
		_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: j})
		wantField(t, err, tt.field, tt.why)
	}
	_, _, err := r.svc.Order(t.Context(), db.NewJob{Job: db.Job{Kind: db.KindRaw, When: db.When{Now: true}, Selection: db.Selection{All: true}}})
	wantField(t, err, "args.raw", "is missing")
}

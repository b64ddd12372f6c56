package jobs_test

import (
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// TestForgedComplete: who says to be a phone that was reset, and proves
// nothing, has no say about what became of the phone's transfers.
func TestForgedComplete(t *testing.T) {
	for _, tt := range []struct {
		name  string
		key   bool
		fault cwmp.FaultCode
	}{
		{"done, without a key", false, 0},
		{"failed, without a key", false, 9010},
		{"done, with its key", true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			phone := r.inform("1", "2.4")
			job := r.order(downloadOf(r.file(db.FileConfig, "", "X6")), phone)
			d, id := phone.download()
			phone.answer(id, &cwmp.DownloadResponse{Status: 1})
			user, password := "u", "the phone's own"
			_, err := r.store.SetCredentials(t.Context(), phone.Phone.ID, db.CredentialsPatch{OwnUser: &user, OwnPassword: &password}, "test")
			r.must(err)
			r.store.EndSession(phone.Phone.ID, phone.Token)

			forger, err := r.tryInform("1", "2.4", code(cwmp.EventBootstrap, cwmp.EventTransferComplete)...)
			r.must(err)
			if forger.Phone.State != db.PhoneReEnrol {
				t.Fatalf("the phone is %s", forger.Phone.State)
			}
			forger.Proof = db.ProofNone
			tc := &cwmp.TransferComplete{Fault: cwmp.FaultStruct{Code: tt.fault}}
			if tt.key {
				tc.CommandKey = d.CommandKey
			}
			r.must(r.svc.Completed(t.Context(), forger.Session, tc))
			r.task(job, phone, db.TaskProving)
		})
	}
}

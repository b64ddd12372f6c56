package bolt

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"phoneacs/db"
)

// A storedJob is a job as its record has it: secret values among its arguments
// are taken out of it and sealed.
type storedJob struct {
	db.Job
	Sealed []byte `json:"sealed,omitempty"`
}

func jobContext(id db.JobID) string { return "job " + id.String() }

func idemContext(key []byte) string { return "idempotency " + hex.EncodeToString(key) }

// sealArgs returns arguments without their secrets, and these, sealed; nil if
// there are none.
func (s *Store) sealArgs(context string, a db.Args) (db.Args, []byte, error) {
	rest, secrets := a.TakeSecrets()
	if len(secrets) == 0 {
		return rest, nil, nil
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return rest, nil, fmt.Errorf("encode secrets of %s: %w", context, err)
	}
	return rest, s.key.Seal(context, plain), nil
}

// openArgs puts secrets back in place.
func (s *Store) openArgs(context string, a *db.Args, sealed []byte) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := s.key.Open(context, sealed)
	if err != nil {
		return err
	}
	var secrets []string
	if err := json.Unmarshal(plain, &secrets); err != nil || !a.PutSecrets(secrets) {
		return fmt.Errorf("secrets of %s: %w", context, errCorrupt)
	}
	return nil
}

func (t *tx) putJob(j *db.Job) (err error) {
	r := storedJob{Job: *j}
	if r.Args, r.Sealed, err = t.s.sealArgs(jobContext(j.ID), j.Args); err != nil {
		return err
	}
	return t.putJSON(bJobs, be8(uint64(j.ID)), &r)
}

func (t *tx) decodeJob(b []byte) (db.Job, error) {
	var r storedJob
	if err := decode(bJobs, b, &r); err != nil {
		return r.Job, err
	}
	return r.Job, t.s.openArgs(jobContext(r.ID), &r.Args, r.Sealed)
}

// putIdem writes the first answer to an idempotency key.
func (t *tx) putIdem(key []byte, r idemRecord) (err error) {
	if r.Job.Args, r.Sealed, err = t.s.sealArgs(idemContext(key), r.Job.Args); err != nil {
		return err
	}
	return t.putJSON(bIdem, key, &r)
}

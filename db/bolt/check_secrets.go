package bolt

import "phoneacs/db"

// secrets checks that all that is sealed opens, that what is in clear of it
// says what is in it, and that none is left in clear where it is easy to see.
func (c *checker) secrets() error {
	if _, err := c.s.key.Open(sealedContext, c.get(bMeta, keySealed)); err != nil {
		c.faultf("key of the store: %v", err)
	}
	err := c.each(bCredentials, func(k, v []byte) error {
		p, err := c.loadPhone(db.PhoneID(num(k)))
		if err != nil {
			c.faultf("credentials of phone %d: %v", num(k), err)
			return nil
		}
		h, err := decodeHead(v)
		if err != nil {
			c.faultf("phone %s: %v", p.ID, err)
			return nil
		}
		creds, err := c.openCredentials(&p, &h)
		if err != nil {
			c.faultf("phone %s: %v", p.ID, err)
			return nil
		}
		if creds.ConnectionRequestTaken && (creds.ConnectionRequestNext.IsZero() || creds.Next.IsZero()) {
			c.faultf("phone %s has taken a connection-request login, and nothing waits for it", p.ID)
		}
		if got, want := h.standing(), creds.Standing(); got != want {
			c.faultf("credentials of phone %s say %+v, and are %+v", p.ID, got, want)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bPhones, func(k, v []byte) error {
		if secret, err := oldPassword(v); err == nil && secret != "" {
			c.faultf("phone %d has a password in clear", num(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bJobs, func(k, v []byte) error {
		var r storedJob
		if err := decode(bJobs, v, &r); err != nil {
			return nil // told where jobs are checked
		}
		c.inClear("job", num(k), r.Args)
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(bIdem, func(k, v []byte) error {
		var r idemRecord
		err := decode(bIdem, v, &r)
		if err == nil {
			c.inClear("idempotency key of token", num(k), r.Job.Args)
			err = c.s.openArgs(idemContext(k), &r.Job.Args, r.Sealed)
		}
		if err != nil {
			c.faultf("idempotency key of token %d: %v", num(k), err)
		}
		return nil
	})
}

// inClear finds secret values that are not taken out of arguments.
func (c *checker) inClear(what string, id uint64, a db.Args) {
	_, secrets := a.TakeSecrets()
	for _, s := range secrets {
		if s != "" {
			c.faultf("%s %d has a secret in clear", what, id)
		}
	}
}

package bolt

import (
	"bytes"
	"context"

	"phoneacs/db"
)

// uploads checks that each upload has its phone and its bytes, that a phone has
// no more than are kept, and that who is listed under a digest has it.
func (c *checker) uploads() error {
	type of struct {
		phone db.PhoneID
		kind  string
	}
	kept := make(map[of]int)
	err := c.each(bUploads, func(k, v []byte) error {
		var u db.Upload
		if err := decode(bUploads, v, &u); err != nil {
			return err
		}
		if !bytes.Equal(k, uploadKey(&u)) {
			c.faultf("upload %s is stored under another key", u.ID)
		}
		if !c.has(bPhones, be8(uint64(u.Phone))) {
			c.faultf("upload %s is of phone %s, which does not exist", u.ID, u.Phone)
		}
		kept[of{u.Phone, u.Kind}]++
		if kept[of{u.Phone, u.Kind}] > db.UploadsKept {
			c.faultf("phone %s has more than %d uploads of kind %s", u.Phone, db.UploadsKept, u.Kind)
		}
		if !c.has(bDigests, uploadDigest(&u)) {
			c.faultf("upload %s is not listed under its digest", u.ID)
		}
		if b, err := c.s.OpenBlob(context.Background(), u.SHA256); err != nil {
			c.faultf("upload %s: %v", u.ID, err)
		} else {
			if b.Size() != u.Size {
				c.faultf("upload %s is %d bytes, its record says %d", u.ID, b.Size(), u.Size)
			}
			_ = b.Close()
		}
		return nil
	})
	if err != nil {
		return err
	}
	const sum = 64
	return c.each(bDigests, func(k, _ []byte) error {
		switch {
		case len(k) == sum+8 && !c.has(bFiles, k[sum:]), len(k) == sum+16 && !c.has(bUploads, k[sum:]):
			c.faultf("digest %s names who does not exist", k[:sum])
		case len(k) != sum+8 && len(k) != sum+16:
			c.faultf("digest entry %x is none of ours", k)
		}
		return nil
	})
}

package acs

import (
	"fmt"
	"log/slog"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
	"phoneacs/phones"
)

// paced refuses an Inform that comes too early after many others. A phone that
// has work is never put off, nor is what would be lost by it.
func (x *exchange) paced(in *cwmp.Inform) error {
	address := x.address()
	phone, over := x.s.pace.comes(x.began, in, address)
	if !over {
		return nil
	}
	if phone != 0 {
		if busy, err := x.s.opts.Store.HasWork(x.lasting(), phone); err != nil {
			return informBreach(fmt.Errorf("work of %s: %w", phone, err))
		} else if busy {
			return nil
		}
	}
	x.s.pace.refuses(in, address)
	return &breach{ruleTooOften, fmt.Errorf("%.64q, retry count %d", in.DeviceID.SerialNumber, in.RetryCount)}
}

// watch looks at how a phone shows itself, once it is let in.
func (x *exchange) watch(in *cwmp.Inform, said *db.Inform, phone db.PhoneID) {
	x.s.pace.letIn(in, x.address(), phone)
	// A serial number that is a MAC may be the placeholder that they share.
	mac := phones.Recognize(cwmp.DeviceID{}, in.Parameters).MAC
	if mac == "" {
		mac = said.MAC
	}
	why := x.s.twins.sees(x.began, phone, said.Serial, face{mac, said.OUI, said.Address})
	if why == "" {
		return
	}
	// What it is about is with the phone by now; that it could not be noted
	// must not keep the phone from its session.
	err := x.s.opts.Store.NoteDuplicate(x.lasting(), phone, why, x.began)
	if err != nil && x.s.logs(slog.LevelWarn) {
		x.s.line(slog.LevelWarn, "duplicate not noted", slog.String(logkey.Phone, phone.String()), slog.String(logkey.Err, err.Error()))
		return
	}
	x.s.line(slog.LevelWarn, "two devices seem to share an identity", slog.String(logkey.Phone, phone.String()), slog.String(logkey.Why, why))
}

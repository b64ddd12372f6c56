package acs

import "phoneacs/db"

// await returns a channel that is closed when a session of the phone begins. It
// is for one at a time: calls for the same phone share a request. done must be
// called.
func (w *waker) await(phone db.PhoneID) (came <-chan struct{}, done func()) {
	c := make(chan struct{})
	w.mu.Lock()
	w.awaited[phone] = c
	w.mu.Unlock()
	return c, func() {
		w.mu.Lock()
		if w.awaited[phone] == c {
			delete(w.awaited, phone)
		}
		w.mu.Unlock()
	}
}

// came tells who waits for a phone that a session of it has begun.
func (w *waker) came(phone db.PhoneID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.awaited[phone]; c != nil {
		close(c)
		delete(w.awaited, phone)
	}
}

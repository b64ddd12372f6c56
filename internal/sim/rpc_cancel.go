package sim

import "slices"

// cancelTransfer answers A.4.1.9. All transfers with the key are dropped and not
// reported, or none: of one that is being fetched, or whose result is still to
// be reported, it is too late. That a key is not known is no fault, as what has
// been dropped may be dropped again by a server that missed the answer.
func (s *session) cancelTransfer(args *node, w *writer) error {
	if !s.conduct.TakesWindows || s.conduct.KeepsWindows {
		return s.unsupported()
	}
	checkArgs(args, s.note, "CommandKey")
	key := s.bounded(args, "CommandKey", 32)
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	var drop []*transfer
	for _, t := range s.p.flash.transfers {
		if t.key != key || t.silent {
			continue
		}
		if t.done || s.p.fetching && t == s.p.nextTransfer() {
			return newFault(9021)
		}
		drop = append(drop, t)
	}
	s.p.flash.transfers = slices.DeleteFunc(s.p.flash.transfers, func(t *transfer) bool { return slices.Contains(drop, t) })
	s.p.reschedule()
	w.put("<cwmp:CancelTransferResponse/>")
	return nil
}

package sim

// reboot answers A.3.2.9. The phone restarts once the session has ended, and
// then tells M Reboot with the CommandKey.
func (s *session) reboot(args *node, w *writer) error {
	checkArgs(args, s.note, "CommandKey")
	key := s.bounded(args, "CommandKey", 32)
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	s.p.restartDue = true
	s.p.flash.named = append(s.p.flash.named, event{"M Reboot", key})
	w.put("<cwmp:RebootResponse/>")
	return nil
}

// factoryReset answers A.4.1.6. Once the session has ended, all that was set is
// gone but the firmware.
func (s *session) factoryReset(args *node, w *writer) error {
	checkArgs(args, s.note)
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	s.p.restartDue, s.p.resetDue = true, true
	w.put("<cwmp:FactoryResetResponse/>")
	return nil
}

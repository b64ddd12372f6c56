package sim

import (
	"strconv"
	"strings"
	"time"
)

// scheduleDownload answers A.4.1.8. The phone fetches the file as the first of
// its windows opens; of the modes only those are known that ask nobody.
func (s *session) scheduleDownload(args *node, w *writer) error {
	if !s.conduct.TakesWindows {
		return s.unsupported()
	}
	checkArgs(args, s.note, "CommandKey", "FileType", "URL", "Username", "Password", "FileSize", "TargetFileName", "TimeWindowList")
	t := &transfer{
		key:       s.bounded(args, "CommandKey", 32),
		fileType:  s.bounded(args, "FileType", 64),
		url:       strings.TrimSpace(s.bounded(args, "URL", 256)),
		user:      s.bounded(args, "Username", 256),
		password:  s.bounded(args, "Password", 256),
		scheduled: true,
	}
	s.number(args, "FileSize")
	windows := s.array(args, "TimeWindowList", "TimeWindowStruct")
	if t.fileType == "" || len(windows) < 1 || len(windows) > 2 {
		return newFault(9003)
	}
	last := int64(-1)
	for i, window := range windows {
		checkArgs(window, s.note, "WindowStart", "WindowEnd", "WindowMode", "UserMessage", "MaxRetries")
		s.bounded(window, "UserMessage", 256)
		start, end := s.number(window, "WindowStart"), s.number(window, "WindowEnd")
		if _, err := strconv.ParseInt(window.trimmed("MaxRetries"), 10, 32); err != nil || start >= end || start < last {
			return newFault(9003)
		}
		switch s.bounded(window, "WindowMode", 64) {
		case "1 At Any Time", "2 Immediately", "3 When Idle":
		default:
			return newFault(9003)
		}
		if i == 0 {
			t.delay = time.Duration(start) * time.Second
		}
		last = end
	}
	to, err := parseTarget(t.url)
	if err != nil {
		return newFault(9003)
	}
	t.to = to
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	if len(s.p.flash.transfers) == maxTransfers {
		return newFault(9004)
	}
	if code := s.p.conduct.TransferFaultNext; code != 0 {
		t.orderedFault, s.p.conduct.TransferFaultNext = code, 0
	}
	if !s.conduct.NeverFetch {
		s.p.flash.transfers = append(s.p.flash.transfers, t)
	}
	w.put("<cwmp:ScheduleDownloadResponse/>")
	return nil
}

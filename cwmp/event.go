package cwmp

// Event is one reason for an Inform. CommandKey belongs to the "M …" events and
// is empty for most others.
type Event struct{ Code, CommandKey string }

// The event codes of TR-069 3.7.1.5. They are a set: devices send them in any
// order.
const (
	EventBootstrap                       = "0 BOOTSTRAP"
	EventBoot                            = "1 BOOT"
	EventPeriodic                        = "2 PERIODIC"
	EventScheduled                       = "3 SCHEDULED"
	EventValueChange                     = "4 VALUE CHANGE"
	EventKicked                          = "5 KICKED"
	EventConnectionRequest               = "6 CONNECTION REQUEST"
	EventTransferComplete                = "7 TRANSFER COMPLETE"
	EventDiagnosticsComplete             = "8 DIAGNOSTICS COMPLETE"
	EventRequestDownload                 = "9 REQUEST DOWNLOAD"
	EventAutonomousTransferComplete      = "10 AUTONOMOUS TRANSFER COMPLETE"
	EventDUStateChangeComplete           = "11 DU STATE CHANGE COMPLETE"
	EventAutonomousDUStateChangeComplete = "12 AUTONOMOUS DU STATE CHANGE COMPLETE"
	EventWakeup                          = "13 WAKEUP"
	EventHeartbeat                       = "14 HEARTBEAT"
	EventMReboot                         = "M Reboot"
	EventMScheduleInform                 = "M ScheduleInform"
	EventMDownload                       = "M Download"
	EventMScheduleDownload               = "M ScheduleDownload"
	EventMUpload                         = "M Upload"
	EventMChangeDUState                  = "M ChangeDUState"
)

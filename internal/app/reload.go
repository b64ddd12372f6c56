package app

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"phoneacs/internal/logkey"
)

// fixed are the settings that are in force from the start to the end of a run,
// by the names of their flags, as the fields of Config that hold them.
var fixed = map[string]func(*Config) any{
	"data":             func(c *Config) any { return c.Data },
	"cwmp":             func(c *Config) any { return c.CWMP },
	"cwmp-tls":         func(c *Config) any { return c.CWMPTLS },
	"sip":              func(c *Config) any { return c.SIP },
	"tls-min":          func(c *Config) any { return c.TLSMin },
	"admin":            func(c *Config) any { return c.Admin },
	"admin-plain":      func(c *Config) any { return c.AdminPlain },
	"public-url":       func(c *Config) any { return c.PublicURL },
	"enrol":            func(c *Config) any { return c.Enrol },
	"enrol-user":       func(c *Config) any { return c.EnrolUser },
	"auth":             func(c *Config) any { return c.Auth },
	"auth-tls":         func(c *Config) any { return c.AuthTLS },
	"inform-pace":      func(c *Config) any { return c.InformPace },
	"zone":             func(c *Config) any { return c.Zone },
	"wake-gap":         func(c *Config) any { return c.WakeGap },
	"stun":             func(c *Config) any { return c.STUN },
	"stun-setup":       func(c *Config) any { return c.STUNSetup },
	"phone-networks":   func(c *Config) any { return slices.Clone(c.Networks) },
	"trusted-proxies":  func(c *Config) any { return slices.Clone(c.Proxies) },
	"admin-hosts":      func(c *Config) any { return slices.Clone(c.Hosts) },
	"no-record-failed": func(c *Config) any { return c.NoRecordFailed },
	"record-kept":      func(c *Config) any { return c.RecordKept },
	"drain":            func(c *Config) any { return c.Drain },
	"pprof":            func(c *Config) any { return c.Pprof },
	"log-format":       func(c *Config) any { return c.LogFormat },
	"keep-jobs":        func(c *Config) any { return c.KeepJobs },
	"keep-history":     func(c *Config) any { return c.KeepHistory },
	"keep-uploads":     func(c *Config) any { return c.KeepUploads },
	"keep-backups":     func(c *Config) any { return c.KeepBackups },
	"warn-free":        func(c *Config) any { return c.WarnFree },
	"log-sessions":     func(c *Config) any { return c.LogSessions },
	"min-free":         func(c *Config) any { return c.MinFree },
	"demo":             func(c *Config) any { return c.Demo },
}

// Live are the settings that [App.Reload] puts in force, by the names of their
// flags; all others wait for a restart.
var Live = []string{"log-level", "quirks", "tls-cert", "tls-key", "tls-client-ca", "admin-cert", "admin-key"}

// Fixed lists the others.
func Fixed() []string { return slices.Sorted(maps.Keys(fixed)) }

// Reload reads the files of certificates and quirks again, and puts in force
// what of the settings can change while the server runs: the log level, and
// which files those are. Of the others that differ from those at the start it
// logs the names. If anything cannot be used the error says all of it, and
// nothing has changed. It is safe for concurrent use, while [App.Run] runs.
func (a *App) Reload(ctx context.Context, cfg Config) error {
	a.reload.Lock()
	defer a.reload.Unlock()
	a.notify(ctx, "RELOADING=1")
	defer a.notify(ctx, "READY=1")
	if err := a.apply(cfg); err != nil {
		a.ReloadFailed(ctx, err)
		return err
	}
	for _, name := range Fixed() {
		if get := fixed[name]; !reflect.DeepEqual(get(&a.told), get(&cfg)) {
			a.log.WarnContext(ctx, "changed setting is not in force before a restart", logkey.Setting, name)
		}
	}
	for listener, changed := range map[string]bool{
		"tls-cert":   a.cfg.CWMPTLS != "" && (a.told.TLSCert == "") != (cfg.TLSCert == ""),
		"admin-cert": (a.told.AdminCert == "") != (cfg.AdminCert == ""),
	} {
		if changed {
			a.log.WarnContext(ctx, "changed setting is not in force before a restart", logkey.Setting, listener)
		}
	}
	a.log.InfoContext(ctx, "settings read again")
	return nil
}

// ReloadFailed tells of settings that could not be read again.
func (a *App) ReloadFailed(ctx context.Context, err error) {
	a.log.ErrorContext(ctx, "settings not read again, going on with those before", logkey.Err, strings.ReplaceAll(err.Error(), "\n", "; "))
}

// apply checks everything and then changes what can change.
func (a *App) apply(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	level, err := logLevel(cfg.LogLevel)
	if err != nil {
		return cfg.bad("log-level", err)
	}
	var commits []func()
	take := func(setting string, commit func(), err error) error {
		commits = append(commits, commit)
		return cfg.bad(setting, err)
	}
	if s := a.phonesTLS; s != nil && (cfg.TLSCert != "") == (a.authority == nil) {
		commit, err := s.Reload(cfg.TLSCert, cfg.TLSKey, cfg.TLSClientCA)
		if err := take("tls-cert", commit, err); err != nil {
			return err
		}
	}
	if s := a.adminTLS; s != nil && cfg.AdminCert != "" {
		commit, err := s.Reload(cfg.AdminCert, cfg.AdminKey, "")
		if err := take("admin-cert", commit, err); err != nil {
			return err
		}
	}
	commit, err := a.quirks.Reload(cfg.Quirks)
	if err := take("quirks", commit, err); err != nil {
		return err
	}
	a.level.Set(level)
	for _, commit := range commits {
		commit()
	}
	return nil
}

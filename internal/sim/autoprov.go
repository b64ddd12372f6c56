package sim

import (
	"bytes"
	"strings"
)

// What a phone of Fanvil's does with some lines of a configuration file: it
// fetches what an "Auto … Url" names, and sends the user's settings where "User
// Config Provision Url" says, once they may be uploaded. Neither is reported by
// TransferComplete: only the file with the lines was ordered.

const (
	configHead   = "<<VOIP CONFIG FILE>>Version:"
	configEnd    = "<<END OF FILE>>"
	configModule = "<AUTOUPDATE CONFIG MODULE>"
	headBytes    = 64 // of the first line with its end
)

// autoURLs are the keys of files to be fetched.
var autoURLs = []string{
	"Auto Pbook Url", "Auto Etc Url", "Auto Logo Url", "Auto Mmiset Url", "Auto DPeer Url", "Auto AList Url",
}

// readAuto gives the settings of the AUTOUPDATE module by their keys; nil if
// this is no configuration file, or one that a phone would not take: its head
// is not 64 bytes, or its end is missing.
func readAuto(file []byte) map[string]string {
	if !bytes.HasPrefix(file, []byte(configHead)) || len(file) < headBytes || !bytes.HasSuffix(file[:headBytes], []byte("\r\n")) {
		return nil
	}
	found, in := map[string]string{}, false
	for line := range strings.SplitSeq(string(file[headBytes:]), "\n") {
		line = strings.TrimRight(line, "\r")
		key, value, ok := strings.Cut(line, ":")
		switch {
		case line == configEnd:
			return found
		case strings.HasPrefix(line, "<"):
			in = line == configModule
		case in && ok:
			found[strings.TrimSpace(key)] = value
		}
	}
	return nil
}

// follow plans what a configuration file that was taken asks for; the phone is
// locked.
func (p *Phone) follow(t *transfer, conduct *Behaviour) {
	set := readAuto(t.head)
	if set == nil || conduct.NoAuto {
		return
	}
	plan := func(key, url string, upload bool) {
		to, err := parseTarget(url)
		if err != nil || len(p.flash.transfers) >= maxTransfers {
			return
		}
		next := &transfer{fileType: key, url: url, to: to, upload: upload, silent: true}
		if !p.inSession {
			next.arm(p.fleet.now())
		}
		p.flash.transfers = append(p.flash.transfers, next)
	}
	for _, key := range autoURLs {
		if url := set[key]; url != "" {
			plan(key, url, false)
		}
	}
	const toUser = "User Config Provision Url"
	if url := set[toUser]; url != "" && set["Enable User Config Upload"] == "1" {
		plan(toUser, url, true)
	}
}

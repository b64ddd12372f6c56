package admin

import (
	"context"
	"strconv"
	"strings"
	"time"

	"phoneacs/db"
)

// maxInterval bounds an interval that is believed: above it nothing is expected.
const maxInterval = 366 * day

// interval is how often a phone says that it informs: 0 if that is not known,
// negative if it does not by itself.
func (p *preview) interval(ctx context.Context, st *db.PhoneStatus) (time.Duration, error) {
	for _, root := range []string{"Device.", "InternetGatewayDevice."} {
		page, err := p.store.Parameters(ctx, st.ID, root+"ManagementServer.PeriodicInform", db.Query{Limit: 10})
		if err != nil {
			return 0, about(err, "parameters of phone %s", st.ID)
		}
		if len(page.Items) > 0 {
			return readInterval(page.Items), nil
		}
	}
	return 0, nil
}

func readInterval(params []db.Parameter) (every time.Duration) {
	for _, v := range params {
		switch name := v.Name[strings.LastIndexByte(v.Name, '.')+1:]; name {
		case "PeriodicInformEnable":
			if v.Value == "0" || strings.EqualFold(v.Value, "false") {
				return -1
			}
		case "PeriodicInformInterval":
			if n, err := strconv.ParseUint(v.Value, 10, 32); err == nil && n > 0 && time.Duration(n)*time.Second <= maxInterval {
				every = time.Duration(n) * time.Second
			}
		}
	}
	return every
}

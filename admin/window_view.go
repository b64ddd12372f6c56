package admin

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// previewView is the answer of POST /api/v1/windows/preview.
type previewView struct {
	Window     string       `json:"window,omitempty"`
	Name       string       `json:"name,omitempty"`
	Exact      bool         `json:"exact"`
	At         time.Time    `json:"at"`
	Looked     int          `json:"looked_at"`
	Phones     int          `json:"phones"`
	First      time.Time    `json:"first,omitzero"`
	Last       time.Time    `json:"last,omitzero"`
	Busiest    *loadView    `json:"busiest,omitempty"`
	Step       string       `json:"step"`
	Curve      []bucketView `json:"curve"`
	File       *loadFile    `json:"file,omitempty"`
	AtOnce     *loadView    `json:"at_once,omitempty"`
	Rate       *rateView    `json:"rate,omitempty"`
	Zones      []placeView  `json:"zones"`
	Sites      []placeView  `json:"sites"`
	MoreSites  int          `json:"more_sites,omitempty"`
	Unwakeable unwokenView  `json:"unwakeable"`
	LeftOut    leftOutView  `json:"left_out"`
	Notes      []string     `json:"notes,omitempty"`
}

type bucketView struct {
	At     time.Time `json:"at"`
	Phones int       `json:"phones"`
}

// loadView is a minute with what is sent in it, where a file is given.
type loadView struct {
	At             time.Time `json:"at"`
	Phones         int       `json:"phones"`
	BytesPerSecond *int64    `json:"bytes_per_second,omitempty"`
}

type loadFile struct {
	ID   db.FileID `json:"id"`
	Name string    `json:"name"`
	Size int64     `json:"size"`
}

func viewLoadFile(f *db.File) *loadFile {
	if f == nil {
		return nil
	}
	return &loadFile{f.ID, f.Name, f.Size}
}

type rateView struct {
	PerMinute int       `json:"per_minute"`
	Last      time.Time `json:"last,omitzero"`
	Left      int       `json:"left_over"`
}

// placeView is a zone, or a site in its zone.
type placeView struct {
	Site   string    `json:"site,omitempty"`
	Name   string    `json:"name,omitempty"`
	Zone   string    `json:"zone"`
	Phones int       `json:"phones"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
}

func (l *place) view() placeView {
	v := placeView{Name: l.name, Zone: l.zone, Phones: l.phones, First: l.first.UTC(), Last: l.last.UTC()}
	if l.id != 0 {
		v.Site = l.id.String()
	}
	return v
}

// unwokenView are phones that cannot be woken in their slot.
type unwokenView struct {
	leftOutView
	Speaks speaksView `json:"speaks"`
}

type speaksView struct {
	Inside  int `json:"inside"`
	Outside int `json:"outside"`
	Unknown int `json:"unknown"`
}

// view puts the answer together; what does not fit is a problem.
func (p *preview) view(v previewView) (previewView, error) {
	v.Looked, v.Phones, v.First, v.Last = p.looked, p.curve.Slots(), p.curve.First().UTC(), p.curve.Last().UTC()
	step, buckets := p.curve.Buckets(maxBuckets)
	v.Step, v.Curve = formatDuration(step), make([]bucketView, len(buckets))
	for i, b := range buckets {
		v.Curve[i] = bucketView{b.At, b.Slots}
	}
	if p.curve.Slots() > 0 {
		v.Busiest = p.load(p.curve.Busiest(), time.Minute)
		if p.takes > 0 {
			v.AtOnce = p.load(p.curve.AtOnce(p.takes), p.takes)
		}
	}
	if p.rate > 0 {
		rated, err := p.curve.AtRate(p.rate)
		var small *window.TooSmallError
		if errors.As(err, &small) {
			return v, newProblem(kindTooSmall, "%v, from %s to %s", small, small.Opens.Format(time.RFC3339), small.Closes.Format(time.RFC3339)).at("rate_per_minute")
		}
		v.Rate = &rateView{p.rate, rated.Last, rated.Left}
	}
	v.Zones = []placeView{}
	for _, name := range slices.Sorted(maps.Keys(p.zones)) {
		if l := p.zones[name]; l.phones > 0 {
			v.Zones = append(v.Zones, l.view())
		}
	}
	v.Sites, v.MoreSites = p.viewSites()
	v.Unwakeable = unwokenView{p.asleep.view(), speaksView{p.speaks[speaksInside], p.speaks[speaksOutside], p.speaks[speaksUnknown]}}
	v.LeftOut = p.leftOut.view()
	if p.hadMore > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf(
			"%d of the phones had something by other means than a flexible window; for that their periods are counted anew, and their slots are others: name the file that they are for", p.hadMore))
	}
	return v, nil
}

// load is what phones that begin in one minute, or are at it at once, draw.
func (p *preview) load(b window.Bucket, takes time.Duration) *loadView {
	v := &loadView{At: b.At, Phones: b.Slots}
	if p.file != nil {
		rate := int64(float64(p.file.Size) * float64(b.Slots) / takes.Seconds())
		v.BytesPerSecond = &rate
	}
	return v
}

// viewSites are those with most phones, and how many more there are.
func (p *preview) viewSites() ([]placeView, int) {
	all := make([]*place, 0, len(p.sites))
	for _, l := range p.sites {
		if l.phones > 0 {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b *place) int { return cmp.Or(cmp.Compare(b.phones, a.phones), cmp.Compare(a.id, b.id)) })
	out := make([]placeView, min(len(all), maxPlaces))
	for i := range out {
		out[i] = all[i].view()
	}
	return out, len(all) - len(out)
}

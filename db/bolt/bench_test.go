package bolt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

func informOf(i int, events ...string) db.Inform {
	mac := fmt.Sprintf("0c383e%06x", i)
	in := db.Inform{
		Session: db.SessionToken(mac), Now: time.Now(), Address: "192.0.2.1", Manufacturer: "Fanvil", OUI: "0C383E",
		ProductClass: "X6", Serial: "00100400FV0200100000" + mac, Vendor: "fanvil", Model: "X6", MAC: mac,
		SoftwareVersion: "2.12.1", HardwareVersion: "1.0", ConnectionRequestURL: "http://192.0.2.1:7547/x", CWMP: "1.0",
		Events: events, Enrol: db.PhoneApproved,
	}
	for p := range 8 {
		in.Parameters = append(in.Parameters, db.Parameter{
			Name: fmt.Sprintf("Device.DeviceInfo.Parameter%d", p), Type: "string", Value: "some value",
		})
	}
	return in
}

func BenchmarkRecordInform(b *testing.B) {
	for _, event := range []string{"2 PERIODIC", "1 BOOT"} {
		b.Run(event, func(b *testing.B) {
			s := open(b, b.TempDir())
			informs := make([]db.Inform, 2000)
			for i := range informs {
				informs[i] = informOf(i, event)
				if _, err := s.RecordInform(context.Background(), informs[i]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.SetParallelism(16)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.IntN(2000); pb.Next(); i++ {
					if _, err := s.RecordInform(context.Background(), informs[i%2000]); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkExpand(b *testing.B) {
	s := open(b, b.TempDir())
	ctx := context.Background()
	var in []db.PhoneImport
	for i := range 20_000 {
		in = append(in, db.PhoneImport{MAC: fmt.Sprintf("0c383e%06x", i), Serial: fmt.Sprintf("s%d", i)})
		if len(in) == 1000 {
			if _, err := s.ImportPhones(ctx, in, time.Now(), "bench"); err != nil {
				b.Fatal(err)
			}
			in = nil
		}
	}
	for b.Loop() {
		now := time.Now()
		j, _, err := s.CreateJob(ctx, db.NewJob{Job: db.Job{Kind: db.KindReboot, Created: now, Expires: now.Add(time.Hour)}})
		if err != nil {
			b.Fatal(err)
		}
		for at := 0; at < j.Selected; {
			phones, err := s.Selected(ctx, j.ID, 500)
			if err != nil {
				b.Fatal(err)
			}
			seeds := make([]db.TaskSeed, len(phones))
			for i, p := range phones {
				seeds[i] = db.TaskSeed{Phone: p.ID, State: db.TaskReady, Wake: true, Why: "ready"}
			}
			if _, err := s.AddTasks(ctx, j.ID, at, seeds, now); err != nil {
				b.Fatal(err)
			}
			at += len(seeds)
		}
	}
	check(b, s)
}

// BenchmarkClaimed is what a challenge costs: to find the phone, and to open
// its logins.
func BenchmarkClaimed(b *testing.B) {
	s := open(b, b.TempDir())
	ctx := context.Background()
	for i := range 2000 {
		in := informOf(i, "1 BOOT")
		in.Session = "s"
		rec, err := s.RecordInform(ctx, in)
		if err == nil && i%2 == 0 {
			_, err = s.IssueCredentials(ctx, rec.Phone.ID, "s", db.Offer{
				Own: db.Login{User: "0C383E-X6U-000001", Password: strings.Repeat("x", 26)}, ConnectionRequest: db.Login{User: "acs", Password: strings.Repeat("y", 26)},
			}, time.Now())
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for n, name := range []string{"with logins", "without"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := n
			for b.Loop() {
				in := informOf(i%2000, "1 BOOT")
				if _, err := s.Claimed(ctx, in.Identity()); err != nil {
					b.Fatal(err)
				}
				i += 2
			}
		})
	}
}

package proof_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"github.com/icholy/digest"

	"phoneacs/internal/proof"
)

// A server asks who a phone is before it serves it, and slows down who guesses.
func Example() {
	checker, err := proof.New(proof.Options{Key: []byte("32 random bytes, kept in a store")})
	if err != nil {
		panic(err)
	}
	throttle, err := proof.NewThrottle(proof.ThrottleOptions{})
	if err != nil {
		panic(err)
	}
	login, err := proof.NewLogin(proof.Identity{OUI: "0C383E", ProductClass: "X6", Serial: "0c383e07e16c"})
	if err != nil {
		panic(err)
	}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verdict := checker.Check(r, r.TLS != nil, []proof.Login{login}, proof.Leniency{}) // a store has the logins
		if verdict.Outcome == proof.Proven {
			throttle.Succeeded(verdict.User)
			fmt.Fprintf(w, "%s by %v", verdict.User, verdict.Scheme)
			return
		}
		peer, _ := netip.ParseAddrPort(r.RemoteAddr)
		hold := throttle.Note(verdict, peer.Addr())
		if hold.Refuse {
			http.Error(w, "too many failures", http.StatusServiceUnavailable)
			return
		}
		// A real server waits here for hold.For, or until the phone is gone.
		w.Header().Set("Held", hold.For.String())
		checker.Demand(w, verdict)
	}))
	defer server.Close()

	phone := func(l proof.Login) {
		client := http.Client{Transport: &digest.Transport{Username: l.User, Password: l.Password}}
		res, err := client.Post(server.URL+"/acs", "text/xml", strings.NewReader("<inform/>"))
		if err != nil {
			panic(err)
		}
		defer res.Body.Close()
		said, _ := io.ReadAll(res.Body)
		fmt.Println(strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", res.Header.Get("Held"), string(said))))
	}
	phone(login)
	phone(proof.Login{User: login.User, Password: "guessed"})

	// Output:
	// 200 0C383E-X6-0c383e07e16c by digest
	// 401 250ms
}

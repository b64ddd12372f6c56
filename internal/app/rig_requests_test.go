package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// ask sends a request of an operator and returns the answer with its body read.
func (r *running) ask(method, path, body string) *http.Response {
	r.tb.Helper()
	header := []string{"Authorization", "Bearer " + testToken}
	if body != "" {
		header = append(header, "Content-Type", "application/json")
	}
	return r.do(method, "http://"+r.AdminAddr().String()+path, body, header...)
}

// post sends a message of a phone within the session of a cookie.
func (r *running) post(cookie, body string) *http.Response {
	r.tb.Helper()
	return r.do(http.MethodPost, "http://"+r.CWMPAddr().String()+"/acs", body, "Cookie", cookie)
}

func (r *running) do(method, url, body string, header ...string) *http.Response {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(r.tb.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		r.tb.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.tb.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.tb.Fatal(err)
	}
	res.Body = io.NopCloser(bytes.NewReader(b))
	return res
}

// openSession begins a session of a phone and returns its cookie.
func (r *running) openSession(serial string) string {
	r.tb.Helper()
	res := r.post("", inform(serial))
	if res.StatusCode != http.StatusOK || len(res.Cookies()) != 1 {
		b, _ := io.ReadAll(res.Body)
		r.tb.Fatalf("Inform: status %d, cookies %v\n%s", res.StatusCode, res.Cookies(), b)
	}
	return res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
}

// endSession says that the phone has nothing more, and answers nothing to what
// the server asks for its own sake. It returns the last answer.
func (r *running) endSession(cookie string) *http.Response {
	r.tb.Helper()
	for range 5 {
		if res := r.post(cookie, ""); res.StatusCode != http.StatusOK {
			return res
		}
	}
	r.tb.Fatal("the session comes to no end")
	return nil
}

func inform(serial string) string {
	return fmt.Sprintf(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-2">
<e:Header><c:ID e:mustUnderstand="1">1</c:ID></e:Header><e:Body><c:Inform>
<DeviceId><Manufacturer>Fanvil</Manufacturer><OUI>0C383E</OUI><ProductClass>X6</ProductClass><SerialNumber>%s</SerialNumber></DeviceId>
<Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey/></EventStruct></Event>
<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime><RetryCount>0</RetryCount>
<ParameterList/></c:Inform></e:Body></e:Envelope>`, serial)
}

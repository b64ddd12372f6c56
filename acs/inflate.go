package acs

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
)

// inflate returns a reader of the body without its content coding.
func inflate(r *http.Request, limit int64) (io.Reader, error) {
	coding := r.Header.Get("Content-Encoding")
	if coding == "" || coding == "identity" {
		return r.Body, nil
	}
	packed := bufio.NewReader(io.LimitReader(r.Body, limit))
	var src io.Reader
	var err error
	switch coding {
	case "gzip", "x-gzip":
		src, err = gzip.NewReader(packed)
	case "deflate":
		// The name means zlib, but some send the bare stream.
		if head, _ := packed.Peek(2); len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			src, err = zlib.NewReader(packed)
		} else {
			src = flate.NewReader(packed)
		}
	default:
		return nil, &breach{ruleEncoding, fmt.Errorf("content encoding %.32q", coding)}
	}
	if err != nil {
		return nil, bodyBreach(err)
	}
	return src, nil
}

package filter

import (
	"errors"
	"io"

	"go.einride.tech/aip/filtering"
)

// A token is a token of the source; its text is src[pos:end].
type token struct {
	kind     filtering.TokenType
	pos, end int
	value    string // without quotes and escapes
}

// lex splits the source with the lexer of go.einride.tech/aip. Its parser is
// not used: to it an unquoted 2.10 is the number 2.1, 007 is octal, and 2.10.3
// or X6-U no value at all.
func lex(src string) ([]token, error) {
	var l filtering.Lexer
	l.Init(src)
	var ts []token
	for {
		t, err := l.Lex()
		if errors.Is(err, io.EOF) {
			return ts, nil
		}
		if err != nil {
			return nil, lexError(err)
		}
		pos := int(t.Position.Offset)
		value, err := t.Unquote()
		if err != nil {
			return nil, errorf(pos, "the quoted text has a \\ that begins no known escape; write \\\\ for one \\")
		}
		ts = append(ts, token{t.Type, pos, pos + len(t.Value), value})
	}
}

// lexError takes the position out of an error of the lexer.
func lexError(err error) *SyntaxError {
	var at interface {
		Position() filtering.Position
		Message() string
	}
	if errors.As(err, &at) {
		return errorf(int(at.Position().Offset), "%s", at.Message())
	}
	return errorf(0, "%v", err)
}

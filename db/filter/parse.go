package filter

import (
	"strings"

	"go.einride.tech/aip/filtering"
)

// A parser reads the grammar of AIP-160 by recursive descent:
//
//	expression = factor { [AND] factor }
//	factor     = term { OR term }
//	term       = [NOT | "-"] ( "(" expression ")" | restriction )
type parser struct {
	src    string
	schema Schema
	tokens []token
	i      int // next token
	depth  int
	terms  int
}

func parse(src string, schema Schema) (*node, error) {
	if len(src) > MaxSource {
		return nil, errorf(MaxSource, "filter is longer than %d bytes", MaxSource)
	}
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, schema: schema, tokens: tokens}
	p.space()
	if p.at(end) {
		return nil, errorf(0, "empty filter")
	}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if !p.at(end) {
		return nil, errorf(p.pos(), "unexpected %q", clip(p.text()))
	}
	return n, nil
}

func (p *parser) expression() (*node, error) {
	var kids []*node
	for {
		n, err := p.factor()
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
		p.space()
		if p.at(end) || p.at(filtering.TokenTypeRightParen) {
			return join(opAnd, kids), nil
		}
		if p.keyword(filtering.TokenTypeAnd) {
			p.i++
			p.space()
		}
	}
}

func (p *parser) factor() (*node, error) {
	var kids []*node
	for {
		n, err := p.term()
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
		p.space()
		if !p.keyword(filtering.TokenTypeOr) {
			return join(opOr, kids), nil
		}
		p.i++
		p.space()
	}
}

func (p *parser) term() (*node, error) {
	not := false
	switch {
	case p.keyword(filtering.TokenTypeNot):
		not = true
		p.i++
		p.space()
	case p.at(filtering.TokenTypeMinus):
		not = true
		p.i++
	}
	var n *node
	var err error
	if p.at(filtering.TokenTypeLeftParen) {
		n, err = p.group()
	} else {
		n, err = p.restriction()
	}
	if err != nil {
		return nil, err
	}
	if not {
		n = negate(n)
	}
	return n, nil
}

func (p *parser) group() (*node, error) {
	open := p.pos()
	if p.depth++; p.depth > MaxDepth {
		return nil, errorf(open, "parentheses are more than %d deep", MaxDepth)
	}
	p.i++
	p.space()
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if !p.at(filtering.TokenTypeRightParen) {
		return nil, errorf(open, "the parenthesis is never closed")
	}
	p.i++
	p.depth--
	return n, nil
}

// restriction reads a comparison, or a text that is looked for everywhere.
func (p *parser) restriction() (*node, error) {
	if p.terms++; p.terms > MaxTerms {
		return nil, errorf(p.pos(), "more than %d terms", MaxTerms)
	}
	left, err := p.operand(false)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at(end) || !p.kind().IsComparator() {
		return p.search(left)
	}
	op := p.tokens[p.i]
	p.i++
	p.space()
	right, err := p.operand(true)
	if err != nil {
		return nil, err
	}
	return p.compare(left, op, right)
}

// An operand is one side of a comparison.
type operand struct {
	pos    int
	text   string
	quoted bool
}

// operand reads a quoted text or a run of tokens without space between them.
// In a value the run may contain colons: times and MACs need no quotes.
func (p *parser) operand(value bool) (operand, error) {
	what := "a field or a text"
	if value {
		what = "a value"
	}
	start := p.pos()
	if p.at(filtering.TokenTypeString) {
		o := operand{start, p.tokens[p.i].value, true}
		p.i++
		return o, p.ends(value)
	}
	first := p.i
	for !p.at(end) && bare(p.kind(), value) {
		p.i++
	}
	text := p.src[start:p.pos()]
	switch {
	case text == "" && p.at(end):
		return operand{}, errorf(start, "%s is missing at the end", what)
	case text == "" && value && p.at(filtering.TokenTypeLeftParen):
		return operand{}, errorf(start, "a value cannot be a group: repeat the field, as in (tags:a OR tags:b)")
	case text == "":
		return operand{}, errorf(start, "%s is missing before %q", what, clip(p.text()))
	case p.i-first == 1 && p.tokens[first].kind.IsKeyword():
		return operand{}, errorf(start, "%s is missing before %s; quote the word if it is one", what, text)
	}
	if i := strings.IndexAny(text, `"'`); i >= 0 {
		return operand{}, errorf(start+i, "a quote inside an unquoted text: quote all of it")
	}
	return operand{start, text, false}, p.ends(value)
}

// ends checks that an operand does not run into what follows it.
func (p *parser) ends(value bool) error {
	switch {
	case p.at(end), p.at(filtering.TokenTypeWhitespace), p.at(filtering.TokenTypeRightParen):
		return nil
	case !value && p.kind().IsComparator():
		return nil
	case !value && p.at(filtering.TokenTypeLeftParen):
		return errorf(p.pos(), "there are no functions; leave a space before (")
	}
	return errorf(p.pos(), "unexpected %q: quote a text that contains it", clip(p.text()))
}

func bare(k filtering.TokenType, value bool) bool {
	switch k {
	case filtering.TokenTypeText, filtering.TokenTypeNumber, filtering.TokenTypeHexNumber,
		filtering.TokenTypeDot, filtering.TokenTypeMinus:
		return true
	case filtering.TokenTypeHas:
		return value
	}
	return k.IsKeyword()
}

// end is the kind of what follows the last token.
const end filtering.TokenType = ""

func (p *parser) kind() filtering.TokenType {
	if p.i < len(p.tokens) {
		return p.tokens[p.i].kind
	}
	return end
}

func (p *parser) at(k filtering.TokenType) bool { return p.kind() == k }

// keyword reports whether an operator comes next, and not a word that begins
// like one: NOT-FOR-USE is a text.
func (p *parser) keyword(k filtering.TokenType) bool {
	if !p.at(k) {
		return false
	}
	return p.i+1 == len(p.tokens) || !bare(p.tokens[p.i+1].kind, true) && !p.tokens[p.i+1].kind.IsComparator()
}

func (p *parser) pos() int {
	if p.i < len(p.tokens) {
		return p.tokens[p.i].pos
	}
	return len(p.src)
}

func (p *parser) text() string { return p.src[p.pos():p.tokens[p.i].end] }

func (p *parser) space() {
	for p.at(filtering.TokenTypeWhitespace) {
		p.i++
	}
}

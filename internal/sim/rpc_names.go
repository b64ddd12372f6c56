package sim

import "strings"

// getParameterNames answers A.3.2.3. Nothing can be added or deleted, so no
// object is writable.
func (s *session) getParameterNames(args *node, w *writer) error {
	checkArgs(args, s.note, "ParameterPath", "NextLevel")
	path := strings.TrimSpace(s.bounded(args, "ParameterPath", 256))
	nextLevel := s.boolean(args, "NextLevel")
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	isParam := path != "" && !strings.HasSuffix(path, ".")
	if isParam && nextLevel {
		return newFault(9003)
	}
	if err := s.conduct.Tree.refuseNames(path, nextLevel); err != nil {
		return err
	}
	h := &s.conduct.habits.names
	if code := h.refuses(path, nextLevel); code != 0 {
		return newFault(code)
	}
	params := s.p.model.match(path)
	if len(params) == 0 {
		return newFault(9005)
	}
	var infos []paramInfo
	switch {
	case isParam:
		infos = []paramInfo{{params[0].name, params[0].access != readOnly}}
	case nextLevel:
		infos = children(params, path)
	default:
		infos = subtree(params, path)
	}
	infos = h.listed(infos, path)
	if h.most > 0 && len(infos) > h.most {
		return newFault(9004)
	}
	w.open("cwmp:GetParameterNamesResponse")
	w.array("ParameterList", "cwmp:ParameterInfoStruct", len(infos))
	for _, in := range infos {
		w.open("ParameterInfoStruct")
		w.elem("Name", s.conduct.Tree.listed(in.name))
		w.elem("Writable", h.word(in.writable))
		w.close("ParameterInfoStruct")
	}
	w.close("ParameterList")
	w.close("cwmp:GetParameterNamesResponse")
	return nil
}

type paramInfo struct {
	name     string
	writable bool
}

// children gives the parameters and objects directly below a path.
func children(params []param, path string) []paramInfo {
	var out []paramInfo
	for _, p := range params {
		rest := p.name[len(path):]
		in := paramInfo{p.name, p.access != readOnly}
		if dot := strings.IndexByte(rest, '.'); dot >= 0 {
			in = paramInfo{name: path + rest[:dot+1]}
		}
		if len(out) == 0 || out[len(out)-1].name != in.name {
			out = append(out, in)
		}
	}
	return out
}

// subtree gives the object itself and all that is below it.
func subtree(params []param, path string) []paramInfo {
	var out []paramInfo
	if path != "" {
		out = append(out, paramInfo{name: path})
	}
	seen := map[string]bool{path: true}
	for _, p := range params {
		for i := len(path); i < len(p.name); i++ {
			if object := p.name[:i+1]; p.name[i] == '.' && !seen[object] {
				seen[object] = true
				out = append(out, paramInfo{name: object})
			}
		}
		out = append(out, paramInfo{p.name, p.access != readOnly})
	}
	return out
}

package db

import (
	"bytes"
	"encoding/json"
)

// MaskJSON takes the values of secrets out of JSON: of members whose name is
// that of a secret, and the Value beside a Name that is. What is no JSON comes
// back as nothing.
func MaskJSON(b json.RawMessage) (masked json.RawMessage, secrets []string) {
	if len(b) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, nil
	}
	hide(v, &secrets)
	masked, err := json.Marshal(v)
	if err != nil {
		return nil, secrets
	}
	return masked, secrets
}

func hide(v any, secrets *[]string) {
	switch v := v.(type) {
	case map[string]any:
		name, _ := v["Name"].(string)
		for key, member := range v {
			if SecretName(key) || key == "Value" && SecretName(name) {
				v[key] = ""
				gather(member, secrets)
				continue
			}
			hide(member, secrets)
		}
	case []any:
		for _, item := range v {
			hide(item, secrets)
		}
	}
}

func gather(v any, secrets *[]string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			*secrets = append(*secrets, v)
		}
	case json.Number:
		*secrets = append(*secrets, v.String())
	case map[string]any:
		for _, member := range v {
			gather(member, secrets)
		}
	case []any:
		for _, item := range v {
			gather(item, secrets)
		}
	}
}

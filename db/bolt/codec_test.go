package bolt

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"phoneacs/db"
)

// fullPhone has every field set, each to another value, so that a field which
// the record forgets or swaps is seen.
func fullPhone(t testing.TB) db.Phone {
	var p db.Phone
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		switch f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2026, 11, 20, 3, 4, 5, 6, time.UTC)))
		case []string:
			f.Set(reflect.ValueOf([]string{"a", "ß", ""}))
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString(fmt.Sprint("text ", i))
			case reflect.Uint64:
				f.SetUint(uint64(i) + 1<<40)
			default:
				t.Fatalf("field %s has a type that this test does not know", v.Type().Field(i).Name)
			}
		}
	}
	return p
}

func TestPhoneRecord(t *testing.T) {
	for _, p := range []db.Phone{{}, fullPhone(t), {ID: 1, Created: time.Unix(-1e9, 1).UTC()}} {
		got, err := decodePhone(encodePhone(&p))
		if err != nil || !reflect.DeepEqual(got, p) && !p.Created.IsZero() {
			t.Errorf("decoded %+v, %v; want %+v", got, err, p)
		}
	}
	full := fullPhone(t)
	b := encodePhone(&full)
	for n := range b {
		if _, err := decodePhone(b[:n]); err == nil {
			t.Errorf("the first %d of %d bytes pass for a record", n, len(b))
		}
	}
}

// FuzzPhoneRecord holds that no bytes make decodePhone panic, and that what it
// reads is written and read to the same.
func FuzzPhoneRecord(f *testing.F) {
	p := fullPhone(f)
	f.Add(encodePhone(&p))
	f.Add([]byte{phoneVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodePhone(b)
		if err != nil {
			return
		}
		again, err := decodePhone(encodePhone(&p))
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("read %+v, then %+v, %v", p, again, err)
		}
	})
}

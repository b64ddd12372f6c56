package client

import (
	"context"
	"io"
	"time"
)

// A Parameter is what a phone has told of one.
type Parameter struct {
	Name         string    `json:"name"`
	Type         string    `json:"type,omitempty"`
	Value        string    `json:"value"`
	Changed      time.Time `json:"changed"`
	Writable     *bool     `json:"writable,omitempty"`
	Notification *int      `json:"notification,omitempty"`
	AccessList   *[]string `json:"access_list,omitempty"`
	KnownType    string    `json:"known_type,omitempty"`
	Description  string    `json:"description,omitempty"`
}

// A Change is a line of a phone's history.
type Change struct {
	Time time.Time `json:"time"`
	What string    `json:"what"`
	Old  string    `json:"old,omitempty"`
	New  string    `json:"new,omitempty"`
	By   string    `json:"by,omitempty"`
}

// An Upload is a file that a phone has sent.
type Upload struct {
	ID          string    `json:"id"`
	Phone       string    `json:"phone"`
	Job         string    `json:"job"`
	Attempt     int       `json:"attempt"`
	Kind        string    `json:"kind"` // config or log
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"`
	ContentType string    `json:"content_type,omitempty"`
	Agent       string    `json:"agent,omitempty"`
	Created     time.Time `json:"created"`
}

// Methods are the RPCs that a phone takes.
type Methods struct {
	State    string    `json:"state"` // unknown, known, outdated or refused
	Methods  []string  `json:"methods"`
	Firmware string    `json:"firmware,omitempty"`
	Asked    time.Time `json:"asked,omitzero"`
	Why      string    `json:"why,omitempty"`
}

// ListPhoneParameters returns parameters by name; prefix narrows them.
func (c *Client) ListPhoneParameters(ctx context.Context, ref, prefix string, q Query) (Page[Parameter], error) {
	v := q.values()
	if prefix != "" {
		v.Set("prefix", prefix)
	}
	return get[Page[Parameter]](ctx, c, "listPhoneParameters", call{path: []string{ref}, query: v})
}

// ListPhoneHistory returns what changed, newest first.
func (c *Client) ListPhoneHistory(ctx context.Context, ref string, q Query) (Page[Change], error) {
	return get[Page[Change]](ctx, c, "listPhoneHistory", call{path: []string{ref}, query: q.values()})
}

// ListPhoneTasks returns a phone's tasks, of the newest job first.
func (c *Client) ListPhoneTasks(ctx context.Context, ref string, q Query) (Page[Task], error) {
	return get[Page[Task]](ctx, c, "listPhoneTasks", call{path: []string{ref}, query: q.values()})
}

// GetPhoneMethods returns what the phone said that it takes.
func (c *Client) GetPhoneMethods(ctx context.Context, ref string) (Methods, error) {
	return get[Methods](ctx, c, "getPhoneMethods", call{path: []string{ref}})
}

// ListPhoneUploads returns what the phone has sent, newest first.
func (c *Client) ListPhoneUploads(ctx context.Context, ref string, q Query) (Page[Upload], error) {
	return get[Page[Upload]](ctx, c, "listPhoneUploads", call{path: []string{ref}, query: q.values()})
}

// GetPhoneUpload returns what is known of one upload.
func (c *Client) GetPhoneUpload(ctx context.Context, ref, upload string) (Upload, error) {
	return get[Upload](ctx, c, "getPhoneUpload", call{path: []string{ref, upload}})
}

// PhoneUploadContent returns the bytes of an upload, which the caller closes. A
// configuration holds the phone's passwords.
func (c *Client) PhoneUploadContent(ctx context.Context, ref, upload string) (io.ReadCloser, error) {
	res, err := c.send(ctx, "getPhoneUploadContent", call{path: []string{ref, upload}})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

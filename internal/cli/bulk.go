package cli

import (
	"context"

	"phoneacs/admin/client"
)

// bulk goes on with a change of many phones until all of it is done, and tells
// the sum. What is done stays done when it is broken off.
func (s *session) bulk(ctx context.Context, what string, part func(ctx context.Context, cursor string) (client.Bulk, error)) error {
	var sum client.Bulk
	for {
		b, err := part(ctx, sum.Next)
		if err != nil {
			if sum.Changed+sum.Unchanged > 0 {
				s.note("%d phones were %s before it broke off; it may be repeated", sum.Changed, what)
			}
			return err
		}
		sum.Add(b)
		if sum.Next == "" {
			break
		}
		s.note("%d phones %s, going on", sum.Changed, what)
	}
	return s.show(sum, func() error {
		would := ""
		if sum.DryRun {
			would = "would be "
		}
		if err := s.say("%d phones %s%s, %d are so already", sum.Changed, would, what, sum.Unchanged); err != nil {
			return err
		}
		if sum.Failed > 0 {
			return s.say("%d phones were left as they are: they would have more than 64 tags", sum.Failed)
		}
		return nil
	})
}

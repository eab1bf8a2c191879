package load

import (
	"context"
	"fmt"
	"time"
)

// verifyTime is how long the last question may take when the context of the
// run has ended already.
const verifyTime = 10 * time.Second

// count asks how many messages the namespace holds.
func (r *run) count(ctx context.Context) (int64, error) {
	info, err := r.Client.NamespaceInfo(ctx, r.Client.Namespace())
	return info.MessageCount, err
}

// verify compares the server's count with what it acknowledged. failed is how
// the run ended, which matters more than what is found here.
func (r *run) verify(ctx context.Context, before int64, report Report, failed error) (*Verification, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTime)
	defer cancel()
	after, err := r.count(ctx)
	if err != nil {
		if failed == nil {
			failed = fmt.Errorf("verify: %w", err)
		}
		return nil, failed
	}
	v := &Verification{Before: before, After: after, Acknowledged: report.Messages, Unknown: report.Unknown}
	rise := after - before
	v.OK = rise >= v.Acknowledged && rise <= v.Acknowledged+v.Unknown
	if failed == nil && !v.OK {
		failed = fmt.Errorf("%w: %d acknowledged, %d in doubt, count rose by %d", ErrVerify, v.Acknowledged, v.Unknown, rise)
	}
	return v, failed
}

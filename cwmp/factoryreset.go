package cwmp

import "github.com/beevik/etree"

// FactoryReset takes the CPE back to its factory settings once the session is
// over (TR-069 A.4.1.6). The next Inform has the event "0 BOOTSTRAP".
type FactoryReset struct{}

// RPC returns "FactoryReset".
func (*FactoryReset) RPC() string { return "FactoryReset" }

func (*FactoryReset) decode(*etree.Element) {}
func (*FactoryReset) encode(*writer)        {}

// FactoryResetResponse says that the CPE is going to reset, not that it did.
type FactoryResetResponse struct{}

// RPC returns "FactoryResetResponse".
func (*FactoryResetResponse) RPC() string { return "FactoryResetResponse" }

func (*FactoryResetResponse) decode(*etree.Element) {}
func (*FactoryResetResponse) encode(*writer)        {}

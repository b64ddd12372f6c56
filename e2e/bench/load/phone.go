package load

import (
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"strconv"
)

// A Phone is one phone of the fleet, by number: 0 to MaxPhones-1. All else
// about it follows from the number.
type Phone uint32

const (
	octets = 156 // values of an octet that has three digits, 100 to 255

	// MaxPhones is how many phones have addresses of one width, which lets a
	// prebuilt message take any of them.
	MaxPhones = octets * octets * octets

	oui          = "0C383E"               // Fanvil
	serialPrefix = "00100400FV0200100000" // of a Fanvil serial number; the MAC follows
	macDigits    = 12
	addrDigits   = len("10.100.100.100")
)

// AppendMAC appends the phone's MAC address, 12 lower-case hex digits.
func (p Phone) AppendMAC(dst []byte) []byte {
	mac := [6]byte{0x0c, 0x38, 0x3e, byte(p >> 16), byte(p >> 8), byte(p)}
	return hex.AppendEncode(dst, mac[:])
}

// MAC returns the phone's MAC address, 12 lower-case hex digits.
func (p Phone) MAC() string { return string(p.AppendMAC(nil)) }

// Serial returns the SerialNumber that the phone informs with.
func (p Phone) Serial() string { return serialPrefix + p.MAC() }

// appendAddr appends the phone's own address in 10.0.0.0/8, always addrDigits
// long.
func (p Phone) appendAddr(dst []byte) []byte {
	dst = append(dst, "10."...)
	dst = strconv.AppendUint(dst, uint64(100+p/octets/octets), 10)
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, uint64(100+p/octets%octets), 10)
	dst = append(dst, '.')
	return strconv.AppendUint(dst, uint64(100+p%octets), 10)
}

// source returns the loopback address that the phone connects from.
func (p Phone) source() netip.AddrPort {
	a := [4]byte{127, byte(100 + p/octets/octets), byte(100 + p/octets%octets), byte(100 + p%octets)}
	return netip.AddrPortFrom(netip.AddrFrom4(a), 0)
}

// Fleet returns the first n phones.
func Fleet(n int) []Phone {
	phones := make([]Phone, n)
	for i := range phones {
		phones[i] = Phone(i)
	}
	return phones
}

// Sample returns k different phones, drawn at random from the first n and in
// random order; all n, shuffled, when k is n or more. The same n and k give
// the same phones.
func Sample(n, k int) []Phone {
	if k > n {
		k = n
	}
	random := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	taken := make(map[Phone]bool, k)
	phones := make([]Phone, 0, k)
	// Floyd's draw: even chances for every subset, in k steps whatever n is.
	for i := n - k; i < n; i++ {
		p := Phone(random.IntN(i + 1))
		if taken[p] {
			p = Phone(i)
		}
		taken[p] = true
		phones = append(phones, p)
	}
	random.Shuffle(len(phones), func(i, j int) { phones[i], phones[j] = phones[j], phones[i] })
	return phones
}

// Package seal keeps secrets unreadable at rest: it seals bytes under a key,
// bound to what they are for, and finds that key.
//
// What is sealed opens only under the key that sealed it and in the context it
// was sealed in, so a secret that is moved to another record does not open
// there. A wrong key is told from damage. The key comes from a variable or from
// a file that its owner alone can read. The package refuses a key on a command
// line, a key file that others may read, and to print a key in any way.
package seal

package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Argon is the cost of a password's hash.
type Argon struct {
	KiB     uint32 // memory
	Passes  uint32
	Threads uint8
}

// check keeps a hash from being worthless, or so dear that one login stops the service.
func (c Argon) check() error {
	if c.KiB < 8 || c.KiB > 1<<20 || c.Passes < 1 || c.Passes > 20 || c.Threads < 1 || c.Threads > 16 {
		return fmt.Errorf("argon2 cost %+v is out of bounds (8 KiB to 1 GiB, 1 to 20 passes, 1 to 16 threads)", c)
	}
	return nil
}

const (
	saltBytes = 16
	hashBytes = 32
)

// hash makes a PHC string of a password: $argon2id$v=19$m=32768,t=3,p=1$salt$hash.
func (a *Auth) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails
	c := a.opts.Argon
	sum, err := a.derive(ctx, password, salt, c)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.KiB, c.Passes, c.Threads, enc(salt), enc(sum)), nil
}

// matches compares a password with a PHC string, in a time that does not tell where they differ. Stale says that the
// string was made at another cost than new ones are.
func (a *Auth) matches(ctx context.Context, password, phc string) (ok, stale bool, err error) {
	c, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, false, err
	}
	got, err := a.derive(ctx, password, salt, c)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, c != a.opts.Argon, nil
}

// derive computes a hash when there is a place: each takes much memory, and many logins at once must not take it all.
func (a *Auth) derive(ctx context.Context, password string, salt []byte, c Argon) ([]byte, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("hash password: %w", ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, c.Passes, c.KiB, c.Threads, hashBytes), nil
}

var errPHC = errors.New("stored password hash is not argon2id in PHC form")

func parsePHC(phc string) (c Argon, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.KiB, &c.Passes, &c.Threads); err != nil {
		return c, nil, nil, errPHC
	}
	if err := c.check(); err != nil {
		return c, nil, nil, err
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(salt) < 8 || len(sum) != hashBytes {
		return c, nil, nil, errPHC
	}
	return c, salt, sum, nil
}

// Bounds of a password. The upper one keeps a request from making us hash megabytes.
const (
	MinPassword = 12
	MaxPassword = 256
)

// CheckPassword reports whether a user of that name may take a password, and if not, why.
func CheckPassword(name, password string) error {
	lower := strings.ToLower(password)
	letters := map[rune]bool{}
	for _, r := range lower {
		letters[r] = true
	}
	why := ""
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		why = fmt.Sprintf("shorter than %d characters", MinPassword)
	case len(password) > MaxPassword:
		why = fmt.Sprintf("longer than %d bytes", MaxPassword)
	case !utf8.ValidString(password):
		why = "not UTF-8"
	case utf8.RuneCountInString(name) > 2 && strings.Contains(lower, strings.ToLower(name)):
		why = "it contains the name"
	case len(letters) < 4:
		why = "too few different characters"
	case common(lower):
		why = "it is one of the commonest"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrPassword, why)
}

// common tells whether a password is a common one, or one of these lengthened by digits and marks as people do.
func common(lower string) bool {
	bare := strings.TrimRight(lower, "0123456789!?.,-_#*$@")
	for _, c := range commonest {
		if lower == c || bare == c {
			return true
		}
	}
	return bare == ""
}

// The commonest passwords, and what is left of longer ones without their tail.
var commonest = []string{"password", "passwordpassword", "passw0rd", "p@ssword", "p@ssw0rd", "passwort", "passwortpasswort", "qwerty", "qwertyuiop", "qwertz", "qwertzuiop",
	"qwertyqwerty", "1q2w3e4r5t6y", "1qaz2wsx3edc", "qazwsxedcrfv", "zaq12wsxcde3", "asdfghjkl", "asdfghjklqwe", "zxcvbnm", "abcdefghijkl", "abcdefghijklmn", "iloveyou",
	"iloveyouforever", "letmein", "letmeinletmein", "welcome", "welcometothejungle", "administrator", "admin", "adminadmin", "adminadminadmin", "changeme", "changemenow",
	"changemechangeme", "secret", "secretsecret", "supersecret", "topsecret", "monkey", "dragon", "football", "baseball", "superman", "princess", "sunshine", "trustno",
	"whatever", "starwars", "master", "shadow", "default", "defaultpassword", "temporary", "temppassword", "testtesttest", "test", "guest", "root", "rootroot", "rootrootroot",
	"correcthorsebatterystaple", "mypassword", "newpassword", "yourpassword", "mysecretpassword", "computer", "internet", "rca", "rca-engine", "rcaengine"}

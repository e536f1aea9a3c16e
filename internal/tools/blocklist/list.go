package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	minLength = 15  // code points: shorter ones fail the length rule anyway
	maxLength = 128 // code points: longer ones are refused as well
)

// words are what people reach for first: the thing itself, roles, names of
// people, places, animals, teams, feelings, and the weak passwords of old.
var words = strings.Fields(`
	password passwort contrasena motdepasse passphrase passcode secret secure security
	admin administrator root user guest login signin welcome default master manager
	test testing tester demo example sample change changeme changethis letmein
	temp temporary service server system network database computer internet office
	company account access private public hello welcome1 password1 admin123 test123
	qwerty qwertz azerty qwerty123 qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm abc123
	iloveyou loveyou lovely love forever always friend friends family mother father
	mommy daddy baby angel princess prince sunshine flower butterfly rainbow summer
	winter spring autumn monday friday sunday january december happy smile lucky
	dragon monkey tiger lion eagle panther shadow killer hunter ranger warrior ninja
	superman batman spiderman ironman starwars pokemon naruto minecraft football
	baseball basketball soccer hockey tennis liverpool arsenal chelsea barcelona
	london paris berlin madrid america england germany canada mexico
	michael jordan jessica jennifer michelle ashley daniel anthony matthew robert
	thomas charlie andrew joshua nicole samantha victoria alexander elizabeth
	chocolate cookie cheese banana orange coffee whiskey trustno1 blessed jesus
	whatever nothing freedom mustang ferrari mercedes porsche yamaha harley
	diamond silver golden purple yellow google facebook apple samsung microsoft
	linux windows ubuntu github docker amazon
`)

// phrases are said rather than made up; each also stands with spaces, hyphens
// and underscores between its words.
var phrases = []string{
	"this is my password", "my secret password", "my password is secret", "the password is password",
	"password is password", "what is the password", "enter your password", "forgot my password",
	"i forgot my password", "please let me in", "let me in please", "open sesame now",
	"open the door please", "change me please", "please change me", "please change this",
	"change this password", "change this now please", "do not use this password", "correct horse battery staple",
	"to be or not to be", "may the force be with you", "i am your father", "winter is coming soon",
	"the quick brown fox", "once upon a time", "happy birthday to you", "merry christmas everyone",
	"happy new year", "i love you so much", "i love you forever", "i love my family",
	"i love my mother", "i love my dog", "i love my cat and dog", "love you to the moon", "you are my sunshine",
	"live laugh love", "god is love always", "jesus loves you all", "jesus is my savior", "in god we trust",
	"hello world hello", "hello my name is", "good morning world", "good night moon", "super secret password",
	"top secret password", "this is a secret", "this is a test", "this is only a test", "just a test password",
	"one two three four", "one two three four five", "abc def ghi jkl mno", "mary had a little lamb",
	"never gonna give you up", "we are the champions", "all you need is love",
	"welcome to the jungle", "stairway to heaven", "the answer is fortytwo", "the cake is a lie",
	"all your base are belong to us", "live long and prosper", "houston we have a problem", "elementary my dear watson",
	"no password needed", "not my real password", "secure password here", "strong password here",
	"a very long password", "a long password", "my very long password", "this password is long",
	"keep it simple stupid", "sunshine and rainbows", "peace love and happiness", "back to the future",
}

// walks are the rows and columns of keyboards and keypads, and the alphabet.
var walks = []string{
	"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"1234567890", "0123456789", "0987654321", "9876543210", "123456789", "987654321", "12345678", "1234567", "123456", "12345", "1234", "123",
	"qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
	"qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "zaq1xsw2cde3vfr4bgt5nhy6mju7", "q1w2e3r4t5y6u7i8o9p0",
	"1q2w3e4r5t6y7u8i9o0p", "a1b2c3d4e5f6g7h8i9j0", "qawsedrftgyhujikolp", "poiuytrewq", "lkjhgfdsa", "mnbvcxz",
	"abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba", "aabbccddeeffgghhiijj", "11223344556677889900",
	"!@#$%^&*()", "!qaz@wsx#edc$rfv%tgb", "147258369", "741852963", "159753", "0000", "1111", "abcd", "asdf", "qwer", "zxcv", "qwerty", "asdfgh", "zxcvbn",
}

// endings are what gets put after a word that is refused as too short.
var endings = []string{
	"1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0123456789",
	"!", "!!", "!!!", "1!", "123!", "1234!", "12345!", "@123", "#1", "01", "007", "69", "99", "000", "111", "111111", "321", "654321", "987654321",
	"abc", "abc123", "qwerty", "qwerty123", "qwertyuiop", "asdfgh", "password", "password1", "password123", "admin", "test", "secret", "forever", "iloveyou",
}

// list is every entry, case-folded, in Unicode's composed form, sorted, each once.
func list() []string {
	found := make(map[string]struct{})
	fold := cases.Fold()
	add := func(candidate string) {
		entry := norm.NFC.String(fold.String(candidate))
		if n := utf8.RuneCountInString(entry); n >= minLength && n <= maxLength {
			found[entry] = struct{}{}
		}
	}
	for _, word := range words {
		addWord(add, word)
	}
	for _, phrase := range phrases {
		for _, gap := range []string{"", " ", "-", "_", "."} {
			joined := strings.ReplaceAll(phrase, " ", gap)
			for _, end := range []string{"", "1", "123", "!"} {
				add(joined + end)
			}
		}
	}
	for _, walk := range walks {
		addWalk(add, walk)
	}
	for char := '!'; char <= '~'; char++ { // one key held down
		for n := minLength; n <= 20; n++ {
			add(strings.Repeat(string(char), n))
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// addWord adds a word repeated until it is long enough, and with endings and
// years until it is.
func addWord(add func(string), word string) {
	for n := 2; n <= 6; n++ {
		add(strings.Repeat(word, n))
		add(strings.TrimSuffix(strings.Repeat(word+" ", n), " "))
	}
	for _, end := range endings {
		add(word + end)
	}
	for _, end := range endings[:16] {
		add(word + word + end)
	}
	for year := 2020; year <= 2030; year++ {
		add(word + word + strconv.Itoa(year))
	}
}

// addWalk adds every long enough beginning of a walk gone over again and again,
// and of the walk there and back.
func addWalk(add func(string), walk string) {
	back := []rune(walk)
	slices.Reverse(back)
	for _, path := range []string{walk, walk + string(back)} {
		run := []rune(strings.Repeat(path, 1+24/len(path)))
		for n := minLength; n <= min(len(run), 32); n++ {
			add(string(run[:n]))
		}
		for n := 2; n <= 5; n++ {
			add(strings.Repeat(path, n))
		}
	}
}

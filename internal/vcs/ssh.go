package vcs

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
	gitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// sshAuth offers a host the keys of the person's ssh agent, then the key files that
// ssh itself would try, as far as they need no passphrase: nothing is asked on the
// terminal.
func sshAuth(at *transport.Endpoint) (transport.AuthMethod, error) {
	if _, err := gitssh.NewKnownHostsDb(); err != nil {
		return nil, unknownHost(at.Host, err)
	}
	name := at.User
	if name == "" {
		if me, err := user.Current(); err == nil {
			name = me.Username
		}
	}
	return &gitssh.PublicKeysCallback{User: name, Callback: func() ([]ssh.Signer, error) {
		signers := keyFiles(at.Host)
		agent, err := gitssh.NewSSHAgentAuth(name)
		if err != nil && os.Getenv("SSH_AUTH_SOCK") == "" {
			return signers, nil // nobody runs one
		}
		if err != nil {
			return nil, err
		}
		held, err := agent.Callback()
		if err != nil {
			return nil, fmt.Errorf("asking the ssh agent: %w", err)
		}
		return append(held, signers...), nil
	}}, nil
}

// keyFiles are the keys in files that can be read and need no passphrase.
func keyFiles(host string) []ssh.Signer {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	names := []string{gitssh.DefaultSSHConfig.Get(host, "IdentityFile"), "~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}
	var signers []ssh.Signer
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, "~/"); ok {
			name = filepath.Join(home, rest)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		if s, err := ssh.ParsePrivateKey(data); err == nil {
			signers = append(signers, s)
		}
	}
	return signers
}

// refusedBySSH gives an error of a handshake its way out; nil for one that only says
// that nobody answers.
func refusedBySSH(host string, err error) error {
	var key *knownhosts.KeyError
	switch {
	case errors.As(err, &key) && len(key.Want) == 0:
		return unknownHost(host, err)
	case errors.As(err, &key):
		return fmt.Errorf("the key of %s is not the one in known_hosts: somebody may listen in, or it was renewed (then ssh-keygen -R %[1]s): %w", host, err)
	case strings.Contains(err.Error(), "unable to authenticate"): // has no type
		return fmt.Errorf("%s takes none of your keys (scaffold offers those of the ssh agent, and key files without a passphrase; ssh-add -l lists the agent's): %w", host, err)
	}
	return nil
}

func unknownHost(host string, err error) error {
	return fmt.Errorf("the key of %s is not known: connect once with ssh %[1]s, and compare the fingerprint: %w", host, err)
}

package merge3

import "bytes"

// form is what a text has besides its lines.
type form struct {
	ended bool // has a line end at all
	crlf  bool // every line end is CR LF
	bom   bool // starts with a byte order mark
}

var bom = []byte("\xef\xbb\xbf")

func formOf(data []byte) form {
	lines := bytes.Count(data, []byte("\n"))
	return form{
		ended: lines > 0,
		crlf:  lines > 0 && bytes.Count(data, []byte("\r\n")) == lines,
		bom:   bytes.HasPrefix(data, bom),
	}
}

// merge is called on the form of base: what ours changed stays, else theirs is
// followed.
func (f form) merge(ours, theirs form) form {
	merged := form{crlf: ours.crlf, bom: ours.bom}
	if ours.bom == f.bom {
		merged.bom = theirs.bom
	}
	if theirs.ended && (!ours.ended || ours.crlf == f.crlf) {
		merged.crlf = theirs.crlf
	}
	return merged
}

// strip takes the form off, so that texts that differ only in it have the same lines.
func (f form) strip(data []byte) []byte {
	if f.bom {
		data = data[len(bom):]
	}
	if f.crlf {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	return data
}

// apply puts the form on.
func (f form) apply(data []byte) []byte {
	data = f.ends(data)
	if f.bom {
		data = append(bytes.Clone(bom), data...)
	}
	return data
}

func (f form) ends(data []byte) []byte {
	if f.crlf {
		// A side that mixed them may have left some.
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
		return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	return data
}

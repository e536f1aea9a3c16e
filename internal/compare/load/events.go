package load

import "bytes"

// maxEvent bounds what is kept of an event that does not end.
const maxEvent = 1 << 20

// events reads a stream of text/event-stream (HTML, section 9.2) as its bytes come
// and hands on the data of each event. Names and ids are passed over.
type events struct {
	line []byte // so far, while its end has not come
	data []byte
	some bool // data has been set, be it empty
	take func(data []byte)
}

func (e *events) feed(text []byte) {
	for {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			if len(e.line)+len(text) <= maxEvent {
				e.line = append(e.line, text...)
			}
			return
		}
		if len(e.line) > 0 {
			line = append(e.line, line...)
			e.line = e.line[:0]
		}
		e.read(bytes.TrimSuffix(line, []byte("\r")))
		text = rest
	}
}

func (e *events) read(line []byte) {
	if len(line) == 0 {
		if e.some {
			e.take(e.data)
		}
		e.data, e.some = e.data[:0], false
		return
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	if string(field) != "data" || len(e.data)+len(value) > maxEvent {
		return
	}
	if e.some {
		e.data = append(e.data, '\n')
	}
	e.data, e.some = append(e.data, bytes.TrimPrefix(value, []byte(" "))...), true
}

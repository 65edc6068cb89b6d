package mine

import (
	"fmt"
	"testing"

	"github.com/rca-engine/rca"
)

// BenchmarkBlock counts 4000 records of a block, by what their messages hold.
func BenchmarkBlock(b *testing.B) {
	for _, c := range []struct {
		name string
		mk   func(i int) rca.Record
	}{
		{"words", func(i int) rca.Record {
			return record(i, "the reconciler found nothing to do and waits for the next change")
		}},
		{"numbers", func(i int) rca.Record {
			return record(i, fmt.Sprintf("order %d stored in %d ms by worker %d of 10.0.0.%d:5432", i, i%90, i%8, i%250))
		}},
		{"pairs", func(i int) rca.Record {
			return record(i, fmt.Sprintf("request served user=u%d path=/orders/%d took=%dms cached=true", i%50, i, i%90))
		}},
		{"access", func(i int) rca.Record {
			r := record(i, "")
			r.Status, r.Format = 200, "access"
			r.Fields = []rca.Field{{Key: "method", Value: "GET"}, {Key: "path", Value: fmt.Sprintf("/orders/%d?page=2", i)}, {Key: "bytes", Value: fmt.Sprint(512 + i%900)}}
			return r
		}},
		{"own shapes", func(i int) rca.Record { return record(i, ownShape(i)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			recs := make([]rca.Record, 4000)
			size := 0
			for i := range recs {
				recs[i] = c.mk(i)
				size += len(recs[i].Message)
				for _, f := range recs[i].Fields {
					size += len(f.Value)
				}
			}
			var k Block
			k.Add(recs)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				k.Add(recs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/byte")
		})
	}
}

// BenchmarkTable adds blocks of known shapes, and merges at the end.
func BenchmarkTable(b *testing.B) {
	recs := make([]rca.Record, 4000)
	for i := range recs {
		recs[i] = record(i, fmt.Sprintf("step %c%c of order %d done in %d ms", 'a'+i%20, 'a'+i/20%20, i, i%90))
	}
	var k Block
	k.Add(recs)
	b.Run("add", func(b *testing.B) {
		t := NewTable()
		b.ReportAllocs()
		for b.Loop() {
			t.Add(&k, Context{})
		}
	})
	b.Run("finish", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t := NewTable()
			t.Add(&k, Context{})
			t.Finish()
		}
	})
}

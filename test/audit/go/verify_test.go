// Verifies an audit log with code that is not Sluice's: the transparency log and signed note packages of the Go project.
package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var (
	source = flag.String("source", "", "folder or URL of the log")
	key    = flag.String("key", "", "verifier key of the log")
	proofs = flag.String("proof", "", "a C2SP tlog-proof of an entry of the log")
)

const tileHeight = 8

func read(path string) ([]byte, error) {
	if !strings.HasPrefix(*source, "http") {
		return os.ReadFile(filepath.Join(*source, path))
	}
	response, err := http.Get(*source + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

// C2SP tlog-tiles has the paths of Go's checksum database without the height, and `entries` for `data`.
func tilePath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

type tiles struct{}

func (tiles) Height() int                         { return tileHeight }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := read(tilePath(tile))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func openCheckpoint(t *testing.T, signed []byte) tlog.Tree {
	t.Helper()
	verifier, err := note.NewVerifier(*key)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != verifier.Name() {
		t.Fatalf("not a checkpoint of this log: %q", opened.Text)
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		t.Fatal(err)
	}
	return tlog.Tree{N: size, Hash: hash}
}

func newest(t *testing.T) tlog.Tree {
	t.Helper()
	if *source == "" {
		t.Skip("no -source given")
	}
	signed, err := read("checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	return openCheckpoint(t, signed)
}

func TestEveryEntryIsUnderTheCheckpoint(t *testing.T) {
	tree := newest(t)
	hashes := tlog.TileHashReader(tree, tiles{})
	for start := int64(0); start < tree.N; start += 1 << tileHeight {
		width := min(tree.N-start, 1<<tileHeight)
		bundle, err := read(tilePath(tlog.Tile{H: tileHeight, L: -1, N: start >> tileHeight, W: int(width)}))
		if err != nil {
			t.Fatal(err)
		}
		var indexes []int64
		for index := start; index < start+width; index++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, index))
		}
		// The reader has led each hash to the root of the checkpoint before it hands it out.
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			t.Fatal(err)
		}
		for i, leaf := range leaves {
			length := int(binary.BigEndian.Uint16(bundle))
			if entry := bundle[2 : 2+length]; tlog.RecordHash(entry) != leaf {
				t.Fatalf("entry %d is not the one under the checkpoint", start+int64(i))
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			t.Fatalf("%d bytes behind the bundle of entry %d", len(bundle), start)
		}
	}
}

func TestEveryCheckpointLeadsToTheNext(t *testing.T) {
	tree := newest(t)
	hashes := tlog.TileHashReader(tree, tiles{})
	page, err := read("checkpoints/000")
	if err != nil {
		t.Fatal(err)
	}
	var older tlog.Tree
	count := 0
	for _, signed := range regexp.MustCompile(`(?s).*?\n\n— [^\n]*\n`).FindAll(page, -1) {
		newer := openCheckpoint(t, signed)
		if older.N > 0 {
			proof, err := tlog.ProveTree(newer.N, older.N, hashes)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
				t.Fatalf("from %d to %d: %v", older.N, newer.N, err)
			}
		}
		older = newer
		count++
	}
	if count < 2 || older != tree {
		t.Fatalf("%d checkpoints, the last of %d entries; the log has %d", count, older.N, tree.N)
	}
}

func TestProofStandsAlone(t *testing.T) {
	if *proofs == "" {
		t.Skip("no -proof given")
	}
	file, err := os.ReadFile(*proofs)
	if err != nil {
		t.Fatal(err)
	}
	head, checkpoint, _ := bytes.Cut(file, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		t.Fatal(err)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			t.Fatal(err)
		}
		proof = append(proof, hash)
	}
	tree := openCheckpoint(t, checkpoint)
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		t.Fatal(err)
	}
}

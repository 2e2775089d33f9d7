package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// folderTiles reads tiles as C2SP tlog-tiles lays them out: as x/mod does, without the tile height in the path.
type folderTiles struct{ folder string }

func (folderTiles) Height() int { return 8 }

func (folderTiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (tiles folderTiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(tiles.folder, path))
		if err != nil {
			return nil, err
		}
		read[i] = data
	}
	return read, nil
}

// verifyLog checks a whole exported log: the checkpoint's signature, its tiles against its root, each record against the tiles, a
// proof of each record, and that the log continues an older checkpoint.
func verifyLog(vkey, folder, olderPath string) (string, error) {
	origin, tree, err := openCheckpointFile(vkey, filepath.Join(folder, "checkpoint"))
	if err != nil {
		return "", err
	}
	_, older, err := openCheckpointFile(vkey, olderPath)
	if err != nil {
		return "", err
	}
	hashes := tlog.TileHashReader(tree, folderTiles{folder})
	for from := int64(0); from < tree.N; from += 256 {
		width := min64(256, tree.N-from)
		records, err := readBundle(folder, from/256, width)
		if err != nil {
			return "", err
		}
		for i, record := range records {
			index := from + int64(i)
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return "", err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)); err != nil {
				return "", fmt.Errorf("record %d: %w", index, err)
			}
		}
	}
	proof, err := tlog.ProveTree(tree.N, older.N, hashes)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return "", err
	}
	return fmt.Sprintf("whole: %s %d records, continuing %d", origin, tree.N, older.N), nil
}

func readBundle(folder string, number, width int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: 0, N: number, W: int(width)}
	path := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/")
	data, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	records := [][]byte{}
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("the bundle ends within a record")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		records = append(records, data[2:end])
		data = data[end:]
	}
	if int64(len(records)) != width {
		return nil, fmt.Errorf("%s has %d records", path, len(records))
	}
	return records, nil
}

// verifyReceipt checks that a record has a receipt: a statement in the receiver's log that names a tree and a range of it, in which
// the record stands at its index.
func verifyReceipt(vkey, recordPath, inclusionPath, receiptPath, receiptProofPath string) (string, error) {
	if _, err := verifyProof(vkey, receiptPath, receiptProofPath); err != nil {
		return "", err
	}
	text, err := os.ReadFile(receiptPath)
	if err != nil {
		return "", err
	}
	var receipt struct {
		Content struct {
			From, To, Size int64
			Log, Root      string
		}
	}
	if err := json.Unmarshal(text, &receipt); err != nil {
		return "", err
	}
	said := receipt.Content
	root, err := hex.DecodeString(said.Root)
	if err != nil || len(root) != tlog.HashSize {
		return "", errors.New("the receipt names no root")
	}
	index, size, hashes, err := readInclusion(inclusionPath)
	if err != nil {
		return "", err
	}
	if size != said.Size || index < said.From || index >= said.To {
		return "", errors.New("the receipt is for other leaves")
	}
	record, err := os.ReadFile(recordPath)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckRecord(hashes, size, *(*tlog.Hash)(root), index, tlog.RecordHash(record)); err != nil {
		return "", err
	}
	return fmt.Sprintf("receipted: %s %d", said.Log, index), nil
}

func readInclusion(path string) (index, size int64, hashes []tlog.Hash, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) < 3 || lines[0] != "anshin-inclusion/1" {
		return 0, 0, nil, errors.New("not an inclusion")
	}
	if index, err = strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64); err != nil {
		return 0, 0, nil, err
	}
	if size, err = strconv.ParseInt(strings.TrimPrefix(lines[2], "size "), 10, 64); err != nil {
		return 0, 0, nil, err
	}
	hashes, err = parseHashes(lines[3:])
	return index, size, hashes, err
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

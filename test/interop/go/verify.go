// Verifies what a centre exports, with golang.org/x/mod/sumdb: an implementation that shares nothing with ours.
//
//	verify proof VKEY RECORD PROOF              a record's .tlog-proof
//	verify consistency VKEY OLDER NEWER PROOF   two checkpoints; PROOF holds one base64 hash a line
//	verify log VKEY FOLDER OLDER                a whole exported log, and that it continues an older checkpoint
//	verify receipt VKEY RECORD INCLUSION RECEIPT RECEIPT-PROOF
//	                                            that a record has this receipt; VKEY is the receiver's
//
// Exit status 0 and one line if it holds, 1 and the reason if not. It knows the log's Ed25519 key (vkey of type 0x01) and
// passes over every other signature line, as C2SP signed-note asks of it.
package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func run(args []string) (string, error) {
	if len(args) == 4 && args[0] == "proof" {
		return verifyProof(args[1], args[2], args[3])
	}
	if len(args) == 5 && args[0] == "consistency" {
		return verifyConsistency(args[1], args[2], args[3], args[4])
	}
	if len(args) == 4 && args[0] == "log" {
		return verifyLog(args[1], args[2], args[3])
	}
	if len(args) == 6 && args[0] == "receipt" {
		return verifyReceipt(args[1], args[2], args[3], args[4], args[5])
	}
	return "", errors.New("usage: verify proof, consistency, log or receipt: see verify.go")
}

func verifyProof(vkey, recordPath, proofPath string) (string, error) {
	record, err := os.ReadFile(recordPath)
	if err != nil {
		return "", err
	}
	proof, err := os.ReadFile(proofPath)
	if err != nil {
		return "", err
	}
	head, checkpoint, found := strings.Cut(string(proof), "\n\n")
	if !found {
		return "", errors.New("no empty line")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("not a tlog-proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return "", errors.New("no index line")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return "", err
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return "", err
	}
	origin, tree, err := openCheckpoint(vkey, []byte(checkpoint))
	if err != nil {
		return "", err
	}
	// A RecordProof runs from the leaf up, as RFC 6962's audit path and C2SP tlog-proof do: no conversion is needed.
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(record)); err != nil {
		return "", err
	}
	return fmt.Sprintf("included: %s %d of %d", origin, index, tree.N), nil
}

func verifyConsistency(vkey, olderPath, newerPath, proofPath string) (string, error) {
	origin, older, err := openCheckpointFile(vkey, olderPath)
	if err != nil {
		return "", err
	}
	_, newer, err := openCheckpointFile(vkey, newerPath)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return "", err
	}
	hashes, err := parseHashes(strings.Fields(string(text)))
	if err != nil {
		return "", err
	}
	if err := tlog.CheckTree(hashes, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return "", err
	}
	return fmt.Sprintf("consistent: %s %d to %d", origin, older.N, newer.N), nil
}

func openCheckpointFile(vkey, path string) (string, tlog.Tree, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	return openCheckpoint(vkey, text)
}

func openCheckpoint(vkey string, signed []byte) (string, tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return "", tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return "", tlog.Tree{}, err
	}
	return lines[0], tlog.Tree{N: size, Hash: root}, nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := []tlog.Hash{}
	for _, line := range lines {
		bytes, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(bytes) != tlog.HashSize {
			return nil, errors.New("a proof line is not a hash")
		}
		var hash tlog.Hash
		copy(hash[:], bytes)
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

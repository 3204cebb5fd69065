// Checks the ledger's trees, proofs and notes with Go's own transparency log packages.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index, Size int64
	Proof       []tlog.Hash
}

type consistency struct {
	Old, New int64
	Proof    []tlog.Hash
}

type request struct {
	Entries     [][]byte
	Inclusion   []inclusion
	Consistency []consistency
	Note        string
	Key         string
	Private     string
}

type answer struct {
	Roots    []tlog.Hash
	NoteText string
	Signed   string
	Tree     tlog.Tree
}

type memory []tlog.Hash

func (m *memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, (*m)[index])
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	var asked request
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	var stored memory
	result := answer{Roots: []tlog.Hash{}}
	for at, entry := range asked.Entries {
		hashes, err := tlog.StoredHashes(int64(at), entry, &stored)
		must(err)
		stored = append(stored, hashes...)
		root, err := tlog.TreeHash(int64(at+1), &stored)
		must(err)
		result.Roots = append(result.Roots, root)
	}
	for _, one := range asked.Inclusion {
		leaf := tlog.RecordHash(asked.Entries[one.Index])
		must(tlog.CheckRecord(one.Proof, one.Size, result.Roots[one.Size-1], one.Index, leaf))
	}
	for _, one := range asked.Consistency {
		must(tlog.CheckTree(one.Proof, one.New, result.Roots[one.New-1], one.Old, result.Roots[one.Old-1]))
	}
	verifier, err := note.NewVerifier(asked.Key)
	must(err)
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	must(err)
	result.NoteText = opened.Text
	signer, err := note.NewSigner(asked.Private)
	must(err)
	signed, err := note.Sign(&note.Note{Text: opened.Text}, signer)
	must(err)
	result.Signed = string(signed)
	must(json.NewEncoder(os.Stdout).Encode(result))
}

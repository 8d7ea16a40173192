// Writes a database in the format of Trivy (schema version 2), so that tests can have Trivy match packages against
// advisories of their own: trivy-database --directory DIR < RECORDS
//
// RECORDS is a JSON array of {"buckets": [NAME, ...], "key": KEY, "value": VALUE}. Trivy reads `debian 12` / PACKAGE,
// `npm::SOURCE` / PACKAGE, `vulnerability` and `data-source` (github.com/aquasecurity/trivy-db, pkg/db).
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

type record struct {
	Buckets []string        `json:"buckets"`
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
}

func main() {
	directory := flag.String("directory", "", "folder that gets trivy.db")
	flag.Parse()
	var records []record
	if err := json.NewDecoder(os.Stdin).Decode(&records); err != nil {
		log.Fatalf("the records cannot be read: %v", err)
	}
	if err := write(filepath.Join(*directory, "trivy.db"), records); err != nil {
		log.Fatal(err)
	}
}

func write(file string, records []record) error {
	database, err := bolt.Open(file, 0o600, nil)
	if err != nil {
		return err
	}
	defer database.Close()
	return database.Update(func(transaction *bolt.Tx) error {
		for _, record := range records {
			bucket, err := transaction.CreateBucketIfNotExists([]byte(record.Buckets[0]))
			for _, name := range record.Buckets[1:] {
				if err != nil {
					return err
				}
				bucket, err = bucket.CreateBucketIfNotExists([]byte(name))
			}
			if err != nil {
				return err
			}
			if err := bucket.Put([]byte(record.Key), record.Value); err != nil {
				return err
			}
		}
		return nil
	})
}

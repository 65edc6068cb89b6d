package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

func newFsck() *cobra.Command {
	var from serviceConfig
	var repair bool
	c := &cobra.Command{
		Use:   "fsck",
		Short: "Prove that every row has its blob, every blob its row, and that all bytes are those that were given",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			return cfg.withStore(c.Context(), func(s *store.Store) error {
				b, err := blob.Open(c.Context(), cfg.blobURL(), cfg.blobOptions())
				if err != nil {
					return err
				}
				d, err := incident.New(s, b, cfg.deskOptions())
				if err != nil {
					return err
				}
				n, err := d.Fsck(c.Context(), repair, func(text string) { fmt.Println(safe(text)) })
				if err != nil {
					return err
				}
				if n > 0 {
					return status{code: exitError, text: fmt.Sprintf("%d problems were found", n), hint: "rca fsck --repair mends counts and deletes what nobody refers to; lost bytes come back from a backup"}
				}
				fmt.Println("no problem was found")
				return nil
			})
		},
	}
	from.add(c)
	c.Flags().BoolVar(&repair, "repair", false, "mend what can be mended")
	return c
}
